import numpy as np
import pytest

from models.imaging import decode
from portal.region import Region, SquareOutside
from tests.fakes import encoded, pixels

PICTURE = pixels(size=(300, 200))
IMAGE = decode(encoded(PICTURE))


def test_a_square_is_cut_out_and_told() -> None:
    region = Region.inside(IMAGE, left=120, top=30, side=150)
    np.testing.assert_array_equal(region.cut(IMAGE).pixels, PICTURE[30:180, 120:270])
    assert region.words == "150 x 150 pixels from left 120, top 30 of a 300 x 200 image"
    assert region.document == {"left": 120, "top": 30, "side": 150, "width": 300, "height": 200}


@pytest.mark.parametrize(
    ("left", "top", "side"), [(0, 0, 200), (100, 0, 200), (284, 184, 16), (0, 0, 16)]
)
def test_it_may_touch_every_edge(left: int, top: int, side: int) -> None:
    assert Region.inside(IMAGE, left=left, top=top, side=side).cut(IMAGE).side == side


@pytest.mark.parametrize(
    ("left", "top", "side"),
    [(101, 0, 200), (0, 1, 200), (-1, 0, 50), (0, -1, 50), (0, 0, 201), (0, 0, 15), (999, 0, 50)],
)
def test_nothing_is_clipped(left: int, top: int, side: int) -> None:
    with pytest.raises(SquareOutside) as caught:
        Region.inside(IMAGE, left=left, top=top, side=side)
    assert caught.value.received == f"left {left}, top {top}, side {side}"
    assert "inside the image of 300 x 200 pixels" in caught.value.expected


def test_the_refusal_says_where_it_would_fit() -> None:
    with pytest.raises(SquareOutside, match="left from 0 to 200 and top from 0 to 100"):
        Region.inside(IMAGE, left=250, top=0, side=100)
