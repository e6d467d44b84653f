import cv2
import numpy as np
import pytest

from models.catalogue import MODALITIES
from models.specs import AugmentationSpec
from pipelines.augmentation import augment
from pipelines.phantoms import phantom

UNCHANGED = AugmentationSpec()


def smooth(seed: int = 1) -> np.ndarray:
    """A soft coloured picture, (224, 224, 3) uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (224, 224), interpolation=cv2.INTER_CUBIC)


def changed(
    image: np.ndarray, spec: AugmentationSpec, *, pixels: int = 224, seed: int = 0
) -> np.ndarray:
    return augment(image, spec, pixels, np.random.default_rng(seed))


def draws(image: np.ndarray, spec: AugmentationSpec, count: int = 30) -> list[np.ndarray]:
    return [changed(image, spec, pixels=32, seed=seed) for seed in range(count)]


@pytest.mark.parametrize("pixels", [224, 112, 96, 32])
def test_without_any_change_it_is_a_plain_resize(pixels: int) -> None:
    plain = cv2.resize(smooth(), (pixels, pixels), interpolation=cv2.INTER_AREA)
    found = changed(smooth(), UNCHANGED, pixels=pixels)
    assert np.abs(found - plain).max() <= (0 if pixels == 224 else 4)


@pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda modality: modality.key)
@pytest.mark.parametrize("pixels", [224, 32])
def test_every_modality_keeps_shape_type_and_range(modality, pixels: int) -> None:
    image = cv2.resize(phantom(modality.key, 1, 3), (224, 224), interpolation=cv2.INTER_AREA)
    before = image.copy()
    for seed in range(12):
        found = changed(image, modality.augmentation, pixels=pixels, seed=seed)
        assert found.shape == (pixels, pixels, 3)
        assert found.dtype == np.float32
        assert found.min() >= 0
        assert found.max() <= 255
        np.testing.assert_array_equal(
            found, changed(image, modality.augmentation, pixels=pixels, seed=seed)
        )
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda modality: modality.key)
def test_every_draw_is_another_picture(modality) -> None:
    found = draws(smooth(), modality.augmentation, 6)
    assert all((a != b).any() for i, a in enumerate(found) for b in found[:i])


def test_white_and_black_stay_in_range() -> None:
    wild = AugmentationSpec(brightness=0.9, contrast=0.9, hue=0.5, saturation=0.9)
    for value in (0, 255):
        flat = np.full((224, 224, 3), value, np.uint8)
        for found in draws(flat, wild):
            assert found.min() >= 0
            assert found.max() <= 255


@pytest.mark.parametrize(
    ("spec", "axis"),
    [(AugmentationSpec(horizontal_flip=True), 1), (AugmentationSpec(vertical_flip=True), 0)],
    ids=["across", "down"],
)
def test_a_flip_mirrors_about_half_of_the_images(spec: AugmentationSpec, axis: int) -> None:
    plain = changed(smooth(), UNCHANGED, pixels=32)
    mirrored = np.flip(plain, axis)
    found = draws(smooth(), spec, 60)
    flipped = [np.abs(image - mirrored).max() < 2 for image in found]
    same = [np.abs(image - plain).max() < 2 for image in found]
    assert sum(flipped) + sum(same) == len(found)
    assert 15 < sum(flipped) < 45


def test_a_turn_turns_about_the_middle_and_both_ways() -> None:
    image = np.zeros((224, 224, 3), np.uint8)
    cv2.line(image, (112, 112), (200, 112), (255, 255, 255), 9)  # from the middle to the right
    angles = []
    for seed in range(30):
        found = changed(image, AugmentationSpec(rotation=30.0), seed=seed)[..., 0]
        assert found[110:114, 110:114].mean() > 100
        rows, columns = np.nonzero(found > 128)
        far = columns > 170
        slope = (rows[far].mean() - 111.5) / (columns[far].mean() - 111.5)
        angles.append(np.degrees(np.arctan(slope)))
    assert min(angles) < -15
    assert max(angles) > 15
    assert np.abs(angles).max() < 31


def test_a_zoom_only_enlarges_and_stays_within_the_image() -> None:
    image = np.full((224, 224, 3), 200, np.uint8)
    cv2.circle(image, (112, 112), 30, (0, 0, 0), -1)
    area = np.pi * 30**2
    for seed in range(30):
        dark = np.count_nonzero(changed(image, AugmentationSpec(zoom=0.25), seed=seed)[..., 0] < 99)
        assert 0.97 * area < dark < 1.03 * area / 0.75**2


def test_brightness_moves_the_mean_by_its_share_at_most() -> None:
    flat = np.full((224, 224, 3), 128, np.uint8)
    lifts = [image.mean() - 128 for image in draws(flat, AugmentationSpec(brightness=0.1))]
    assert np.abs(lifts).max() <= 25.6
    assert min(lifts) < -10
    assert max(lifts) > 10


def test_contrast_moves_the_spread_and_not_the_mean() -> None:
    image = smooth() // 2 + 64
    plain = changed(image, UNCHANGED, pixels=32)
    for found in draws(image, AugmentationSpec(contrast=0.1)):
        assert found.mean() == pytest.approx(plain.mean(), abs=0.1)
        assert 0.89 < found.std() / plain.std() < 1.11


def test_hue_and_saturation_keep_the_value() -> None:
    plain = changed(smooth(), UNCHANGED, pixels=32)
    for found in draws(smooth(), AugmentationSpec(hue=0.05, saturation=0.1)):
        np.testing.assert_allclose(found.max(axis=2), plain.max(axis=2), atol=0.1)
        assert np.abs(found - plain).max() > 1


def test_gray_images_stay_gray() -> None:
    gray = np.repeat(smooth()[..., :1], 3, axis=2)
    for modality in MODALITIES.values():
        for found in draws(gray, modality.augmentation, 6):
            np.testing.assert_allclose(found.max(axis=2), found.min(axis=2), atol=0.01)
