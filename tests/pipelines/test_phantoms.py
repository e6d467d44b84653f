import time

import cv2
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models.catalogue import MODALITIES
from pipelines.phantoms import SIDE, phantom

KEYS = [*MODALITIES, "laterthought"]


@pytest.mark.parametrize("key", KEYS)
def test_the_same_arguments_give_the_same_picture(key: str) -> None:
    first = phantom(key, 1, 5)
    assert first.shape == (SIDE, SIDE, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, phantom(key, 1, 5))
    assert (first != phantom(key, 1, 6)).any()
    assert (first != phantom(key, 0, 5)).any()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("run", [1, 2])
def test_brightness_does_not_tell_the_classes_apart(key: str, run: int) -> None:
    labels = np.arange(60) // run % 2
    means = np.array([phantom(key, label, seed).mean() for seed, label in enumerate(labels)])
    assert 0.35 < roc_auc_score(labels, means) < 0.65
    assert means.std() > 3


@pytest.mark.parametrize("key", KEYS)
def test_shape_and_texture_do(key: str) -> None:
    """A layer of random filters and a linear rule learn the classes from other phantoms."""
    labels = np.arange(160) % 2
    features = np.array([responses(phantom(key, label, seed)) for seed, label in enumerate(labels)])
    features = (features - features[:100].mean(axis=0)) / (features[:100].std(axis=0) + 1e-6)
    weights = np.linalg.solve(
        features[:100].T @ features[:100] + 30 * np.eye(features.shape[1]),
        features[:100].T @ (2.0 * labels[:100] - 1),
    )
    assert roc_auc_score(labels[100:], features[100:] @ weights) > 0.85


FILTERS = np.random.default_rng(0).standard_normal((48, 7, 7)).astype(np.float32)


def responses(pixels: np.ndarray) -> np.ndarray:
    small = cv2.resize(pixels, (96, 96), interpolation=cv2.INTER_AREA).mean(axis=2)
    small = ((small - small.mean()) / small.std()).astype(np.float32)
    maps = [cv2.filter2D(small, -1, kernel - kernel.mean()) for kernel in FILTERS]
    return np.array([value for each in maps for value in (each.max(), np.abs(each).mean())])


def test_drawing_is_fast() -> None:
    start = time.perf_counter()
    for seed in range(30):
        for key in KEYS:
            phantom(key, seed % 2, seed)
    assert (time.perf_counter() - start) / (30 * len(KEYS)) < 0.05


def test_other_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="label 0 or 1"):
        phantom("ultrasound", 2, 0)
