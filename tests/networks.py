"""A network that is small enough to compute by hand, and deep enough to be quantised."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models import checkpoint
from models.catalogue import ModelKey, model_keys
from models.precision import Quantisation
from tests.fakes import fake_card, pixels
from tests.sums import write_sums

KEY: ModelKey = model_keys()[0]
CHANNELS = (6, 5, 4)


def images(count: int, first: int = 0) -> list[np.ndarray]:
    """Pictures that differ, each (1, 224, 224, 3) float32."""
    seeds = range(first, first + count)
    return [pixels(seed, (224, 224))[np.newaxis].astype(np.float32) for seed in seeds]


@dataclass(frozen=True)
class SmallNetwork:
    """Patches of 16 x 16, three convolutions, the mean, a logit."""

    patch: np.ndarray  # (16 * 16 * 3, 6)
    middle: tuple[np.ndarray, np.ndarray]  # (6, 5) and (5, 4)
    head: np.ndarray  # (4, 1)

    @classmethod
    def made(cls, seed: int = 3) -> "SmallNetwork":
        random = np.random.default_rng(seed)
        first, second, third = CHANNELS
        return cls(
            random.normal(0, 0.1, (768, first)).astype(np.float32),
            (
                random.normal(0, 1, (first, second)).astype(np.float32),
                random.normal(0, 1, (second, third)).astype(np.float32),
            ),
            random.normal(0, 1, (third, 1)).astype(np.float32),
        )

    def keras(self) -> Any:
        """The same as a Keras model; its convolutions are c0, c1 and c2."""
        import keras

        layers = keras.layers
        model = keras.Sequential(
            [
                layers.Input((224, 224, 3)),
                layers.Rescaling(1 / 255),
                layers.Conv2D(6, 16, strides=16, use_bias=False, activation="relu", name="c0"),
                layers.Conv2D(5, 1, use_bias=False, activation="relu", name="c1"),
                layers.Conv2D(4, 1, use_bias=False, activation="relu", name="c2"),
                layers.GlobalAveragePooling2D(),
                layers.Dense(1, use_bias=False, activation="sigmoid"),
            ]
        )
        kernels = [matrix[np.newaxis, np.newaxis] for matrix in self.middle]
        model.set_weights([self.patch.reshape(16, 16, 3, 6), *kernels, self.head])
        return model

    def write(self, folder: Path, key: ModelKey = KEY) -> Path:
        """A checkpoint of it in a folder of checkpoints."""
        model, path = self.keras(), folder / key.checkpoint
        fingerprint = checkpoint.fingerprint(model)
        checkpoint.write(model, fake_card(key, fingerprint=fingerprint), path)
        write_sums(folder)
        return path

    def read_by(self, image: np.ndarray) -> list[np.ndarray]:
        """What c1 and c2 read at full precision, each (196, channels)."""
        blocks = (image[0] / 255).reshape(14, 16, 14, 16, 3).transpose(0, 2, 1, 3, 4)
        first = np.maximum(blocks.reshape(196, 768) @ self.patch, 0)
        return [first, np.maximum(first @ self.middle[0], 0)]

    def in_integers(self, image: np.ndarray, quantisation: Quantisation) -> float:
        """Its probability when c1 and c2 compute in integers."""
        features = self.read_by(image)[0]
        for name, matrix in zip(("c1", "c2"), self.middle, strict=True):
            found = quantisation.ranges[name]
            factors = np.array([2.0 if sign == "1" else 1.0 for sign in found.doubled])
            read = np.clip(np.rint(features * factors * 255 / found.high), 0, 255).astype(np.int64)
            halved = matrix / factors[:, np.newaxis]
            step = 2.0 ** np.ceil(np.log2(np.abs(halved).max(axis=0) / 127))
            weights = np.rint(halved / step).astype(np.int64)
            features = np.maximum((read @ weights) * (found.high / 255) * step, 0)
        logit = float((features.mean(axis=0) @ self.head)[0]) + quantisation.shift
        return float(1 / (1 + np.exp(-logit)))
