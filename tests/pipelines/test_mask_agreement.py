import numpy as np
import pytest

from models.explanation import HeatMap
from pipelines.mask_agreement import mask_agreement

SIDE = 224


def heat(row: int, column: int) -> HeatMap:
    """All heat in a square of 20 pixels around a place."""
    pixels = np.zeros((SIDE, SIDE), np.float32)
    pixels[row - 10 : row + 10, column - 10 : column + 10] = 1.0
    return HeatMap(pixels=pixels, fields=(4, 4), strongest=(row, column))


def mask(top: int, left: int) -> np.ndarray:
    """A lesion of 56 x 56 pixels: a sixteenth of the image."""
    found = np.zeros((SIDE, SIDE), bool)
    found[top : top + 56, left : left + 56] = True
    return found


SILENT = HeatMap(pixels=np.zeros((SIDE, SIDE), np.float32), fields=(4, 4), strongest=None)
MASKS = np.stack([mask(0, 0), mask(0, 168), mask(84, 84), mask(168, 168)])
ONCE = np.ones((3, 4))


def test_maps_in_the_lesions() -> None:
    maps = [heat(28, 28), heat(28, 196), heat(112, 112), heat(196, 196)]
    found = mask_agreement(maps, MASKS, ONCE)
    assert (found.images, found.pointed, found.silent) == (4, 4, 0)
    assert (found.pointing.value, found.energy.value) == (1.0, 1.0)
    assert found.pointing.low == pytest.approx(0.5101, abs=1e-4)  # Wilson's, of 4 of 4
    assert (found.pointing_elsewhere, found.energy_elsewhere) == (0.0, 0.0)
    assert found.area == pytest.approx(1 / 16)
    assert found.middle == 0.25


def test_maps_that_are_always_in_the_middle_do_as_well_elsewhere() -> None:
    found = mask_agreement([heat(112, 112)] * 4, MASKS, ONCE)
    assert found.pointing.value == found.pointing_elsewhere == found.middle == 0.25
    assert found.energy.value == found.energy_elsewhere == 0.25


def test_heat_across_the_border_counts_in_part() -> None:
    maps = [heat(56, 28), heat(28, 196), heat(112, 112), heat(196, 196)]
    found = mask_agreement(maps, MASKS, ONCE)
    assert found.pointed == 3  # row 56 is the first below that lesion
    assert found.energy.value == pytest.approx(3.5 / 4)


def test_an_empty_map_misses() -> None:
    found = mask_agreement([SILENT, *[heat(112, 112)] * 3], MASKS, ONCE)
    assert (found.silent, found.pointed) == (1, 1)
    assert found.energy.value == 0.25


def test_the_interval_of_a_mean_follows_the_draws() -> None:
    maps = [heat(28, 28), heat(196, 28), heat(196, 28), heat(196, 28)]
    weights = np.array([[1.0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]])
    found = mask_agreement(maps, MASKS, weights)
    assert found.energy.value == 0.25
    assert (found.energy.low, found.energy.high) == pytest.approx((0.025, 0.975))
