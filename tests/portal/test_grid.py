from dataclasses import replace

import numpy as np
import pytest

from models.catalogue import MODALITIES
from models.imaging import decode
from models.specs import RegionSpec
from portal.grid import MOST, Grid, NothingToMap, SmallSquares, TooManySquares, TooSmallToMap
from portal.region import SquareOutside
from tests.fakes import encoded, film, pixels


def all_of_it(picture: np.ndarray) -> np.ndarray:
    """A mask without background."""
    return np.ones(picture.shape[:2], bool)


SPEC = replace(next(each.region for each in MODALITIES.values() if each.region), side=200)
FULL = replace(SPEC, foreground=all_of_it)


def grid(width: int, height: int, spec: RegionSpec = FULL, side: int | None = None) -> Grid:
    return Grid.of(decode(encoded(pixels(size=(width, height)))), spec, side)


def test_squares_stand_half_a_side_apart_and_end_with_the_image() -> None:
    found = grid(450, 300)
    assert (found.side, found.stride, found.skipped) == (200, 100, 0)
    assert (found.columns, found.rows) == ((0, 100, 200, 250), (0, 100))
    places = [(region.left, region.top) for region in found.regions]
    assert places == [(left, top) for top in (0, 100) for left in (0, 100, 200, 250)]


def test_cells_cover_the_image_once() -> None:
    found = grid(450, 300)
    cells = [found.cell(region) for region in found.regions]
    assert cells[0] == (0, 0, 150, 150)
    assert cells[3] == (325, 0, 125, 150)
    assert sum(width * height for _, _, width, height in cells) == 450 * 300


def test_an_image_of_one_square_is_one_cell() -> None:
    found = grid(200, 200)
    assert [found.cell(region) for region in found.regions] == [(0, 0, 200, 200)]


def test_the_side_may_be_chosen() -> None:
    assert grid(450, 300, side=300).columns == (0, 150)


def test_background_is_left_out() -> None:
    found = Grid.of(decode(encoded(film(size=(900, 600)))), SPEC)
    assert {region.left for region in found.regions} == {200, 300, 400, 500, 600, 700}
    assert found.skipped == 2 * 5  # of each row those that begin at 0 and 100


@pytest.mark.parametrize("size", [(30_000, 43), (43, 30_000)])
def test_squares_that_are_less_than_a_pixel_of_the_reduced_image_lie_inside_it(
    size: tuple[int, int],
) -> None:
    with pytest.raises(TooManySquares):  # which is known once each has been looked at
        grid(*size, side=16)


def test_squares_move_apart_before_they_are_too_many() -> None:
    assert grid(1300, 1300, side=200).stride == 100
    assert len(grid(1300, 1300, side=200).regions) == MOST
    assert grid(1500, 1500, side=200).stride == 150
    assert grid(2200, 2200, side=200).stride == 200


def test_too_many_are_refused() -> None:
    with pytest.raises(TooManySquares, match=f"at most {MOST} squares"):
        grid(2500, 2500, side=200)


def test_a_side_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SquareOutside):
        grid(450, 300, side=301)


def test_nothing_but_background_is_refused() -> None:
    nothing = replace(SPEC, foreground=lambda picture: ~all_of_it(picture))
    with pytest.raises(NothingToMap, match=f"8 squares of {SPEC.background}"):
        grid(450, 300, nothing)
    with pytest.raises(NothingToMap, match=f"1 square of {SPEC.background}"):
        grid(200, 200, nothing)


def test_squares_that_would_be_refused_one_by_one_are_refused_at_once() -> None:
    image = decode(encoded(pixels(size=(450, 300))))
    with pytest.raises(SmallSquares, match="at least 128 pixels on a side"):
        Grid.of(image, FULL, 127, least=128)
    assert Grid.of(image, FULL, 128, least=128).side == 128
    assert Grid.of(image, FULL, least=210).side == 210
    with pytest.raises(
        TooSmallToMap, match="at least 301 pixels, as of one square; received an im"
    ):
        Grid.of(image, FULL, 301, least=301)
