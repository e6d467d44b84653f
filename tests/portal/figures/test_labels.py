from itertools import pairwise

import pytest

from portal.figures.labels import spread


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread([10, 50, 90], gap=20, low=0, high=100) == (10, 50, 90)


@pytest.mark.parametrize(
    "places", [[0, 0, 0, 0], [100, 100, 100, 100], [48, 49, 50, 51], [0, 1, 99, 100], [95, 96, 97]]
)
def test_crowded_labels_are_moved_apart_and_stay_inside(places: list[float]) -> None:
    moved = spread(places, gap=20, low=0, high=100)

    assert len(moved) == len(places)
    assert all(later - earlier >= 20 for earlier, later in pairwise(moved))
    assert min(moved) >= 0
    assert max(moved) <= 100


def test_labels_without_room_stand_evenly() -> None:
    assert spread([5, 5, 5], gap=80, low=0, high=100) == (0, 50, 100)


def test_one_label_and_none() -> None:
    assert spread([7], gap=20, low=10, high=100) == (10,)
    assert spread([], gap=20, low=0, high=100) == ()
