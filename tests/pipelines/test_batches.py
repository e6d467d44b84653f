import dataclasses

import cv2
import numpy as np
import pytest

from models.specs import AugmentationSpec
from pipelines.batches import EvaluationBatches, Prepared, TrainingBatches
from pipelines.image_store import ImageStore, read_image

SPEC = AugmentationSpec(horizontal_flip=True, rotation=10.0, brightness=0.05)
LABELS = [0] * 9 + [1] * 4


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[Prepared]:
    """Thirteen prepared images; the first channel of each tells its number, times ten."""
    folder = tmp_path_factory.mktemp("prepared")
    random = np.random.default_rng(5)
    found = []
    for number, label in enumerate(LABELS):
        pixels = random.integers(0, 256, (224, 224, 3), dtype=np.uint8)
        pixels[..., 0] = 10 * number
        path = folder / f"img_{number:06d}.png"
        cv2.imwrite(str(path), pixels[..., ::-1])
        found.append(Prepared(path=path, label=label, augmentation=SPEC))
    return found


def training(images: list[Prepared], **options: object) -> TrainingBatches:
    known = {"pixels": 32, "batch_size": 4, "steps": None, "balanced": False, "seed": 1}
    return TrainingBatches(images, **{**known, **options})


def all_of(batches: TrainingBatches | EvaluationBatches) -> list[tuple[np.ndarray, np.ndarray]]:
    return [batches[i] for i in range(len(batches))]


def dealt(batches: TrainingBatches) -> list[int]:
    """The numbers of the images, in order; the brightness jitter is less than half a step."""
    return [int(i) for i in batches._order]


@pytest.mark.parametrize("balanced", [True, False])
def test_batches_have_the_shapes_and_ranges_that_keras_wants(
    images: list[Prepared], balanced: bool
) -> None:
    batches = training(images, balanced=balanced, steps=3)
    assert len(batches) == 3
    for pixels, labels in all_of(batches):
        assert pixels.shape == (4, 32, 32, 3)
        assert labels.shape == (4, 1)
        assert pixels.dtype == labels.dtype == np.float32
        assert pixels.min() >= 0
        assert pixels.max() <= 255
        assert set(labels.ravel()) <= {0.0, 1.0}


@pytest.mark.parametrize("balanced", [True, False])
def test_the_same_seed_and_epoch_give_the_same_arrays(
    images: list[Prepared], balanced: bool
) -> None:
    first, again = (training(images, balanced=balanced) for _ in range(2))
    first.start(epoch=3)
    for epoch in (1, 3):  # on the way to an epoch nothing is left behind
        again.start(epoch=epoch)
    again[2]
    for (a, b), (c, d) in zip(all_of(first), all_of(again), strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)


@pytest.mark.parametrize("balanced", [True, False])
def test_other_epochs_and_other_seeds_give_others(images: list[Prepared], balanced: bool) -> None:
    batches = training(images, balanced=balanced)
    first_order, first = dealt(batches), batches[0][0]
    batches.start(epoch=1)
    assert dealt(batches) != first_order
    assert (batches[0][0] != first).any()
    assert dealt(training(images, balanced=balanced, seed=2)) != first_order


def test_an_epoch_sees_every_image(images: list[Prepared]) -> None:
    batches = training(images)
    assert len(batches) == 4  # 13 images, 4 to a batch
    assert len(dealt(batches)) == 16
    assert dealt(batches)[:13] != list(range(13))
    assert sorted(dealt(batches)[:13]) == list(range(13))


def test_balanced_batches_are_halved_between_the_classes(images: list[Prepared]) -> None:
    batches = training(images, balanced=True, steps=9)
    for _, labels in all_of(batches):
        assert labels.sum() == 2
    times = np.bincount(dealt(batches), minlength=13)
    assert times[:9].tolist() == [2] * 9
    assert sorted(times[9:]) == [4, 4, 5, 5]


def test_labels_belong_to_their_images(images: list[Prepared]) -> None:
    still = [
        Prepared(path=item.path, label=item.label, augmentation=AugmentationSpec())
        for item in images
    ]
    for pixels, labels in all_of(training(still, steps=6)):
        numbers = np.rint(pixels[..., 0].mean(axis=(1, 2)) / 10).astype(int)
        assert [LABELS[i] for i in numbers] == labels.ravel().tolist()


def test_evaluation_is_in_order_unchanged_and_ends_with_a_shorter_batch(
    images: list[Prepared],
) -> None:
    batches = EvaluationBatches(images, pixels=224, batch_size=5)
    found = all_of(batches)
    assert [len(labels) for _, labels in found] == [5, 5, 3]
    assert np.concatenate([labels for _, labels in found]).ravel().tolist() == LABELS
    pixels = np.concatenate([pixels for pixels, _ in found])
    assert pixels.dtype == np.float32
    for item, found_pixels in zip(images, pixels, strict=True):
        np.testing.assert_array_equal(found_pixels, read_image(item.path))


def test_evaluation_shrinks_by_area(images: list[Prepared]) -> None:
    pixels, _ = EvaluationBatches(images, pixels=32, batch_size=2)[0]
    means = read_image(images[0].path).reshape(32, 7, 32, 7, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(pixels[0], means, atol=0.51)


def test_images_that_are_kept_in_memory_give_the_same_batches(images: list[Prepared]) -> None:
    store = ImageStore()
    kept = [dataclasses.replace(image, read=store.read) for image in images]
    for epoch in range(2):  # from disk, then from memory
        found, expected = training(kept), training(images)
        found.start(epoch)
        expected.start(epoch)
        for (own, _), (other, _) in zip(all_of(found), all_of(expected), strict=True):
            np.testing.assert_array_equal(own, other)
    options = {"pixels": 224, "batch_size": 4}
    found, expected = EvaluationBatches(kept, **options), EvaluationBatches(images, **options)
    for (own, _), (other, _) in zip(all_of(found), all_of(expected), strict=True):
        np.testing.assert_array_equal(own, other)


def test_an_image_is_changed_otherwise_in_every_epoch(images: list[Prepared]) -> None:
    batches = training(images[:1], batch_size=1)
    seen = []
    for epoch in range(2):
        batches.start(epoch)
        seen.append(batches[0][0])
    assert not np.array_equal(*seen)
