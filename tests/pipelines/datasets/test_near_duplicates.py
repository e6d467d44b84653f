import numpy as np
import pytest

from pipelines.datasets.groups import Groups
from pipelines.datasets.near_duplicates import SAME_VIEW, fingerprint, join_same_views
from pipelines.phantoms import phantom


def test_the_same_view_is_alike_at_another_size_and_brightness() -> None:
    pixels = phantom("ultrasound", 1, 3)
    brighter = np.clip(pixels[::2, ::2].astype(int) + 20, 0, 255).astype(np.uint8)
    assert fingerprint(pixels) @ fingerprint(brighter) > SAME_VIEW


def test_two_views_are_not_alike() -> None:
    prints = np.stack([fingerprint(phantom("ultrasound", seed % 2, seed)) for seed in range(20)])
    likeness = prints @ prints.T
    assert np.max(likeness[np.triu_indices(20, 1)]) < SAME_VIEW


def test_the_fingerprint_of_a_flat_picture_has_no_length() -> None:
    flat = fingerprint(np.full((50, 50, 3), 7, np.uint8))
    assert flat @ flat == pytest.approx(0)


def test_flat_pictures_are_one_view() -> None:
    pictures = (np.full((50, 50, 3), gray, np.uint8) for gray in (0, 7, 255))
    prints = [fingerprint(phantom("ultrasound", 0, 0)), *map(fingerprint, pictures)]
    groups = Groups(4)
    join_same_views(groups, range(4), prints)
    assert [groups.find(member) for member in range(4)] == [0, 1, 1, 1]


@pytest.mark.parametrize("turn", range(1, 4))
@pytest.mark.parametrize("mirror", [1, -1])
def test_turned_pictures_are_joined_when_asked(turn: int, mirror: int) -> None:
    pixels = phantom("ultrasound", 1, 3)
    prints = [fingerprint(pixels), fingerprint(np.rot90(pixels[:, ::mirror], turn).copy())]
    for turned, expected in ((False, 1), (True, 0)):
        groups = Groups(2)
        join_same_views(groups, range(2), prints, turned=turned)
        assert groups.find(1) == expected


def test_more_pictures_than_one_block_holds() -> None:
    rng = np.random.default_rng(0)
    prints = rng.standard_normal((600, 256)).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    prints[599] = prints[3]
    groups = Groups(600)
    join_same_views(groups, range(600), list(prints), threshold=0.9)
    assert groups.find(599) == 3
    assert len({groups.find(member) for member in range(600)}) == 599
