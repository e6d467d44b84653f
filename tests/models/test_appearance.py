import cv2
import numpy as np
import pytest

from models.appearance import OF_COLOUR, appearance
from models.catalogue import MODALITIES
from pipelines.phantoms import phantom
from tests.fakes import pixels


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_image_has_the_same_finite_numbers(modality: str) -> None:
    found = appearance(phantom(modality, 1, 3))
    assert list(found) == list(appearance(pixels()))
    assert np.isfinite(list(found.values())).all()


@pytest.mark.parametrize("shade", [0, 7, 128, 255])
def test_a_blank_image_has_finite_numbers_too(shade: int) -> None:
    found = appearance(np.full((30, 50, 3), shade, np.uint8))
    assert np.isfinite(list(found.values())).all()
    assert found["level_99"] == found["level_1"]
    assert found["peak"] == 1.0


def test_they_hardly_depend_on_the_size_of_the_image() -> None:
    small = phantom("ultrasound", 1, 3)
    large = cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_LINEAR)
    first, second = appearance(small), appearance(large)
    assert list(first.values()) == pytest.approx(list(second.values()), abs=0.1)  # log scale: 10 %


def test_gray_has_the_colour_numbers_that_a_colour_without_colour_would_have() -> None:
    gray = cv2.cvtColor(pixels(), cv2.COLOR_RGB2GRAY)
    flat = cv2.merge([gray, gray, gray])
    almost = flat.copy()
    almost[0, 0, 0] ^= 1  # takes the road of coloured images
    exact, near = appearance(flat), appearance(almost)
    assert [exact[name] for name in OF_COLOUR] == pytest.approx(
        [near[name] for name in OF_COLOUR], abs=0.02
    )


def test_colour_is_counted_by_pixels() -> None:
    picture = np.full((224, 224, 3), 90, np.uint8)
    picture[:56, :, 0] = 200
    assert appearance(picture)["coloured"] == 0.25


def test_up_is_told_from_down_and_left_is_not_told_from_right() -> None:
    ramp = np.repeat(np.arange(224, dtype=np.uint8)[:, None, None], 224, axis=1).repeat(3, axis=2)
    upside_down = appearance(ramp[::-1])
    assert appearance(ramp)["top_over_bottom"] == pytest.approx(-upside_down["top_over_bottom"])
    sideways = np.ascontiguousarray(ramp.transpose(1, 0, 2))
    first, second = appearance(sideways), appearance(np.ascontiguousarray(sideways[:, ::-1]))
    assert first["one_side"] == pytest.approx(second["one_side"])
