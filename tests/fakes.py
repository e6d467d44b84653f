"""Small stand-ins for what is large or slow: cards, checkpoints, uploads."""

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models import checkpoint
from models.card import (
    METRICS,
    ConfusionMatrix,
    DataSummary,
    Estimate,
    ModelCard,
    RocCurve,
    Threshold,
    TrainingSummary,
)
from models.catalogue import ModelKey, model_keys

FINGERPRINT = "0123456789abcdef"


def fake_card(
    key: ModelKey, *, threshold: float = 0.41, fingerprint: str = FINGERPRINT
) -> ModelCard:
    """A valid card with made-up numbers."""
    estimate = Estimate(value=0.90, low=0.81, high=0.96)
    metrics = dict.fromkeys(METRICS, estimate)
    return ModelCard(
        model=key.slug,
        labels=key.modality.labels,
        fingerprint=fingerprint,
        created="2026-01-31",
        threshold=Threshold(
            value=threshold, rule="best F1 over 0.01 ... 0.99 on validation", validation_f1=0.88
        ),
        metrics={"validation": metrics, "test": metrics},
        confusion=ConfusionMatrix(
            true_negative=47, false_positive=12, false_negative=3, true_positive=26
        ),
        roc=RocCurve(
            false_positive_rate=(0.0, 0.0, 0.2, 1.0),
            true_positive_rate=(0.0, 0.5, 0.9, 1.0),
            thresholds=(2.0, 0.8, 0.41, 0.0),
        ),
        data=DataSummary(
            name="Made-up images",
            citation="Nobody, nowhere, 2026",
            terms="free for tests",
            unit="image",
            group="patient",
            counts={"train": (275, 132), "validation": (59, 28), "test": (59, 29)},
            groups={"train": 380, "validation": 80, "test": 82},
            split_file=f"models/splits/{key.modality.key}.csv",
            split_sha256="0" * 64,
            set_aside=("Two images were left out: they carried both labels.",),
        ),
        training=TrainingSummary(
            init="random",
            config={"epochs": 4, "seed": 1},
            config_fingerprint=FINGERPRINT,
            epochs=4,
            seconds=61.5,
            parameters=1234,
            sparsity=0.8,
            dense_f1=0.87,
            history={
                "loss": (0.69, 0.60, 0.52, 0.45),
                "val_loss": (0.68, 0.62, 0.57, 0.55),
                "auc": (0.55, 0.70, 0.80, 0.88),
                "val_auc": (0.54, 0.66, 0.75, 0.79),
            },
            stages={"head": 1, "blocks": 3} if key.strategy.staged else {"all": 1},
        ),
        versions={"python": "3.11.9", "keras": "3.15.1"},
        limitations=("These numbers are made up for tests.",),
    )


@cache
def tiny_model(seed: int) -> Any:
    """A small Keras model from an image to a probability; each seed answers differently."""
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((224, 224, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 8, strides=8, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    random = np.random.default_rng(seed)
    kernel, dense = random.normal(0, 0.3, (8, 8, 3, 4)), random.normal(0, 3, (4, 1))
    model.set_weights([kernel, np.zeros(4), dense, np.zeros(1)])
    return model


def write_checkpoints(folder: Path, keys: Iterable[ModelKey] | None = None) -> Path:
    """Valid small checkpoints of some models, or of all, and their list of checksums."""
    order = {key.slug: seed for seed, key in enumerate(model_keys())}
    for key in model_keys() if keys is None else keys:
        model = tiny_model(order[key.slug])
        fingerprint = checkpoint.weights_fingerprint(model.get_weights())
        card = fake_card(key, fingerprint=fingerprint)
        checkpoint.write(model, card, folder / key.checkpoint)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint.write_sums(folder)
    return folder


def pixels(seed: int = 1, size: tuple[int, int] = (160, 120)) -> np.ndarray:
    """A smooth coloured picture with noise, (height, width, 3) uint8; ``size`` is width, height."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    picture = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    noise = random.integers(-20, 21, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def encoded(picture: np.ndarray, file_format: str = "PNG", **options: Any) -> bytes:
    """Pixels as the bytes of an image file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format=file_format, **options)
    return buffer.getvalue()


def png(seed: int = 1) -> bytes:
    """A small upload; each seed is another picture."""
    return encoded(pixels(seed))
