"""Crops and scaled copies of a frame, of pictures full of details."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from pipelines.datasets.groups import Groups
from pipelines.datasets.near_duplicates import SAME_VIEW, fingerprint
from pipelines.datasets.same_frames import Features, features, join_same_frames


def speckled(seed: int) -> np.ndarray:
    """(300, 400, 3) uint8 of speckle, which no other seed repeats."""
    noise = np.random.default_rng(seed).standard_normal((300, 400)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    gray = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return np.dstack([gray] * 3)


def is_same_frame(one: Features, other: Features) -> bool:
    groups = Groups(2)
    join_same_frames(groups, range(2), [one, other])
    return groups.find(0) == groups.find(1)


def cut(pixels: np.ndarray) -> np.ndarray:
    return pixels[20:270, 60:340].copy()


def smaller(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)


def brighter(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels * 1.2 + 10, 0, 255).astype(np.uint8)


def recompressed(pixels: np.ndarray) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, 80))[1], 1)


@pytest.mark.parametrize("change", [cut, smaller, brighter, recompressed])
def test_a_changed_copy_is_the_same_frame(change: Callable[[np.ndarray], np.ndarray]) -> None:
    whole = speckled(1)
    copy = recompressed(change(whole))
    assert is_same_frame(features(copy), features(whole))
    assert is_same_frame(features(whole), features(copy))


def test_a_crop_is_found_where_fingerprints_differ() -> None:
    whole, crop = speckled(1), cut(speckled(1))
    assert fingerprint(whole) @ fingerprint(crop) < SAME_VIEW
    groups = Groups(4)
    found = [features(picture) for picture in (speckled(2), whole, speckled(3), crop)]
    join_same_frames(groups, range(4), found)
    assert [groups.find(member) for member in range(4)] == [0, 1, 2, 1]


def test_the_same_words_do_not_make_two_frames_one() -> None:
    pictures = [speckled(seed) for seed in (4, 5)]
    for picture in pictures:
        cv2.putText(picture, "RT BREAST 12 o'clock", (10, 40), 0, 1, (255, 255, 255), 2)
    assert not is_same_frame(*map(features, pictures))


def test_many_features_with_one_like_are_no_frame() -> None:
    places = np.random.default_rng(0).uniform(0, 300, (60, 2)).astype(np.float32)
    different = np.eye(60, 128, dtype=np.float32)
    alike = np.tile(different[:1], (60, 1))
    one, other = (Features(places=places, details=each) for each in (alike, different))
    assert not is_same_frame(one, other)


def test_flat_pictures_have_no_details_to_share() -> None:
    flat = features(np.full((50, 50, 3), 7, np.uint8))
    assert flat.places.shape == (0, 2)
    assert flat.details.shape == (0, 128)
    assert not is_same_frame(flat, flat)


def test_features_have_places_and_details_of_length_one() -> None:
    found: Features = features(speckled(6))
    assert len(found.places) == len(found.details) >= 200
    np.testing.assert_allclose(np.linalg.norm(found.details, axis=1), 1, atol=1e-5)
    assert (found.places >= 0).all()
    assert (found.places <= (400, 300)).all()
