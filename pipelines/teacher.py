"""Lessons for a trunk: augmented training images with what an ImageNet network sees in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
from tqdm import tqdm

from pipelines.data_module import DataModule
from pipelines.errors import InitUnavailable

SIDE = 224
_BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Augmented training images of several modalities, and the teacher's features of each."""

    images: np.ndarray  # (n, pixels, pixels, 3) uint8 RGB
    features: np.ndarray  # (n, 1280) float16, mean 0 and deviation 1 within each modality
    labels: np.ndarray  # (n,) uint8
    modality: np.ndarray  # (n,) uint8, index into the data modules

    def save(self, path: Path) -> None:
        """Write everything, whole or not at all, as ``.npz``."""
        partial = path.with_name(f"part-{path.name}")
        arrays = {name: getattr(self, name) for name in self.__slots__}
        np.savez(partial, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Lessons":
        """Read what ``save`` wrote; arrays only, never objects."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in cls.__slots__})


def open_teacher(weights: str) -> keras.Model:
    """MobileNetV2 up to its pooled features: (n, 224, 224, 3) in -1..1 -> (n, 1280).

    Args:
        weights: "imagenet" for Keras' own download, or a weights file without the top.

    Raises:
        InitUnavailable: the weights cannot be had.
    """
    try:
        return keras.applications.MobileNetV2(
            include_top=False, weights=weights, input_shape=(SIDE, SIDE, 3), pooling="avg"
        )
    except Exception as error:  # Keras raises whatever the download or the file raised
        raise InitUnavailable(
            expected="ImageNet weights of MobileNetV2, from Keras' download site or a file",
            received=f"{weights}, which cannot be used",
            action="Pass `--teacher FILE`.",
        ) from error


def write_lessons(
    modules: Sequence[DataModule], teacher: keras.Model, *, count: int, pixels: int
) -> Lessons:
    """Draw ``count`` augmented training images of every modality and ask the teacher.

    Args:
        modules: one per modality; only their training parts are read.
        teacher: see ``open_teacher``.
        count: images of each modality, in the batches of its configuration.
        pixels: side of the images that are kept; the teacher sees 224.
    """
    parts = [_of_one(module, teacher, count, pixels) for module in modules]
    images, features, labels = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    modality = np.repeat(np.arange(len(modules), dtype=np.uint8), [len(p[2]) for p in parts])
    return Lessons(images=images, features=features, labels=labels, modality=modality)


def _of_one(
    module: DataModule, teacher: keras.Model, count: int, pixels: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    batches = module.training(SIDE, steps=-(-count // module.config.batch_size))
    images: list[np.ndarray] = []
    features: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    for index in tqdm(range(len(batches)), desc=f"Asking the teacher, {module.dataset.title}"):
        batch, truth = batches[index]
        features.append(np.asarray(teacher.predict_on_batch(batch / 127.5 - 1.0), np.float32))
        side = (pixels, pixels)
        images.extend(cv2.resize(image, side, interpolation=cv2.INTER_AREA) for image in batch)
        labels.append(truth.reshape(-1))
    found = np.concatenate(features)
    scaled = (found - found.mean(axis=0)) / (found.std(axis=0) + 1e-3)
    return (
        np.rint(np.stack(images)).astype(np.uint8),
        scaled.astype(np.float16),
        np.concatenate(labels).astype(np.uint8),
    )
