"""Batches: prepared images from disk, a batch at a time, as Keras wants them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np

from models.specs import AugmentationSpec
from pipelines.augmentation import augment
from pipelines.image_store import read_image


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One prepared image on disk."""

    path: Path
    label: int
    augmentation: AugmentationSpec
    read: Callable[[Path], np.ndarray] = read_image

    @property
    def pixels(self) -> np.ndarray:
        """(224, 224, 3) uint8 RGB, not to be written to."""
        return self.read(self.path)


def _labels(images: Sequence[Prepared]) -> np.ndarray:
    return np.array([[image.label] for image in images], dtype=np.float32)


class TrainingBatches(keras.utils.PyDataset):
    """Augmented, shuffled batches; the same seed and epoch give the same batches.

    Items are ((batch, pixels, pixels, 3) float32 RGB in 0..255, (batch, 1) float32 labels).
    """

    def __init__(
        self,
        images: Sequence[Prepared],
        *,
        pixels: int,
        batch_size: int,
        steps: int | None,
        balanced: bool,
        seed: int,
    ) -> None:
        super().__init__()
        self._images = images
        self._pixels = pixels
        self._batch_size = batch_size
        self._steps = steps or math.ceil(len(images) / batch_size)
        self._balanced = balanced
        self._seed = seed
        self.start(epoch=0)

    def __len__(self) -> int:
        return self._steps

    def start(self, epoch: int) -> None:
        """Deal out the images of an epoch; the trainer calls it, so that a resumed run agrees."""
        self._epoch = epoch
        random = np.random.default_rng((self._seed, epoch))
        size = self._steps * self._batch_size
        labels = np.array([image.label for image in self._images])
        if not self._balanced:
            self._order = repeat_to(random.permutation(len(labels)), size, random)
            return
        classes = [random.permutation(np.flatnonzero(labels == label)) for label in (0, 1)]
        halves = [repeat_to(order, size // 2, random) for order in classes]
        self._order = np.stack(halves, axis=1).reshape(-1)

    def chosen(self, index: int) -> np.ndarray:
        """(batch,) places of a batch's images among all."""
        return self._order[index * self._batch_size : (index + 1) * self._batch_size]

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng((self._seed, self._epoch, index))
        batch = [self._images[i] for i in self.chosen(index)]
        pixels = [augment(item.pixels, item.augmentation, self._pixels, random) for item in batch]
        return np.stack(pixels), _labels(batch)


def repeat_to(order: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """The order, again and again in new shuffles, cut to ``size``."""
    rounds = [order]
    while sum(map(len, rounds)) < size:
        rounds.append(random.permutation(order))
    return np.concatenate(rounds)[:size]


class EvaluationBatches(keras.utils.PyDataset):
    """Unshuffled, unchanged batches, for validation and test.

    Items are as those of ``TrainingBatches``; the last one may be shorter.
    """

    def __init__(self, images: Sequence[Prepared], *, pixels: int, batch_size: int) -> None:
        super().__init__()
        self._images = images
        self._pixels = pixels
        self._batch_size = batch_size

    def __len__(self) -> int:
        return math.ceil(len(self._images) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        batch = self._images[index * self._batch_size : (index + 1) * self._batch_size]
        side = (self._pixels, self._pixels)
        pixels = [cv2.resize(item.pixels, side, interpolation=cv2.INTER_AREA) for item in batch]
        return np.stack(pixels).astype(np.float32), _labels(batch)
