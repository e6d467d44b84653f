import numpy as np
import pytest

from models.foreground import film_mask, tissue_mask
from models.specs import Mask
from pipelines.phantoms import phantom


def half(ground: int, picture: np.ndarray) -> np.ndarray:
    """A picture at the right of as much ground."""
    return np.hstack([np.full_like(picture, ground), picture])


def test_black_film_is_told_from_what_is_on_it() -> None:
    mask = film_mask(half(4, phantom("mammography", 1, 1)))
    assert mask.dtype == bool
    assert mask[:, :240].mean() < 0.01
    assert mask[:, 272:].mean() > 0.9


def test_a_film_without_black_is_foreground() -> None:
    assert film_mask(phantom("mammography", 0, 2)).mean() > 0.9


def test_bare_glass_is_told_from_tissue() -> None:
    mask = tissue_mask(half(240, phantom("histopathology", 1, 1)))
    assert mask[:, :240].mean() == 0.0
    assert mask[:, 272:].mean() > 0.5


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("mask", [film_mask, tissue_mask])
def test_one_shade_all_over_is_no_failure(mask: Mask, level: int) -> None:
    assert mask(np.full((40, 60, 3), level, np.uint8)).shape == (40, 60)
