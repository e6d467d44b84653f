import numpy as np
import pytest

from models.probes import probes
from portal import processor_check
from portal.errors import PrecisionRefused


def bright(image: np.ndarray) -> float:
    return float(image.mean() / 255)


@pytest.fixture
def measured() -> list[float]:
    return [bright(image) for image in probes()]


@pytest.mark.parametrize("apart", [0.0, 0.019, -0.019])
def test_a_small_difference_is_allowed(measured: list[float], apart: float) -> None:
    processor_check.require(lambda image: bright(image) + apart, measured, "bf16")


@pytest.mark.parametrize("apart", [0.021, -0.021, float("nan")])
def test_a_larger_one_is_refused_with_its_size(measured: list[float], apart: float) -> None:
    with pytest.raises(PrecisionRefused, match=r"within 0\.02 of what was measured at bf16") as why:
        processor_check.require(lambda image: bright(image) + apart, measured, "bf16")
    assert f"{abs(apart):.3f}" in why.value.received


@pytest.mark.parametrize(("apart", "told"), [(0.1, "0.100"), (float("nan"), "nan")])
def test_one_image_is_enough(measured: list[float], apart: float, told: str) -> None:
    *_, last = probes()

    def another_once(image: np.ndarray) -> float:
        return bright(image) + (apart if np.array_equal(image, last) else 0.0)

    with pytest.raises(PrecisionRefused, match=f"answers {told} apart"):
        processor_check.require(another_once, measured, "int8")


def test_the_images_are_inputs_that_differ_and_are_always_the_same() -> None:
    first, again = probes(), probes()
    for image, same in zip(first, again, strict=True):
        assert image.shape == (1, 224, 224, 3)
        assert image.dtype == np.float32
        assert image.min() >= 0
        assert image.max() <= 255
        assert image.std() > 10
        assert np.array_equal(image, same)
    assert len({image.tobytes() for image in first}) == len(first)
