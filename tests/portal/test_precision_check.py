import numpy as np
import pytest

from portal import precision_check
from portal.errors import PrecisionRefused


def bright(image: np.ndarray) -> float:
    return float(image.mean() / 255)


@pytest.mark.parametrize("move", [0.0, 0.019, -0.019])
def test_a_small_move_is_allowed(move: float) -> None:
    precision_check.require(bright, lambda image: bright(image) + move, "bf16")


@pytest.mark.parametrize("move", [0.021, -0.021, float("nan")])
def test_a_larger_one_is_refused_with_its_size(move: float) -> None:
    with pytest.raises(PrecisionRefused, match=r"at most 0\.02 at bf16") as why:
        precision_check.require(bright, lambda image: bright(image) + move, "bf16")
    assert f"{abs(move):.3f}" in why.value.received


def test_one_image_is_enough() -> None:
    *_, last = precision_check.probes()

    def moved_once(image: np.ndarray) -> float:
        return bright(image) + 0.1 * np.array_equal(image, last)

    with pytest.raises(PrecisionRefused, match=r"a move of 0\.100"):
        precision_check.require(bright, moved_once, "bf16")


def test_the_images_are_inputs_that_differ_and_are_always_the_same() -> None:
    first, again = precision_check.probes(), precision_check.probes()
    for image, same in zip(first, again, strict=True):
        assert image.shape == (1, 224, 224, 3)
        assert image.dtype == np.float32
        assert image.min() >= 0
        assert image.max() <= 255
        assert image.std() > 10
        assert np.array_equal(image, same)
    assert len({image.tobytes() for image in first}) == len(first)
