"""A small network that passes for a trained one, and its evaluation."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from models.card import ModelCard
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.evaluation import evaluate_run
from pipelines.trainer import Trained
from pipelines.training_log import TrainingLog
from tests.pipelines.small import config

CONFIG = config(limit=None, validation_share=0.3, test_share=0.3, mantissa_bits=3, sparsity=0.5)
Weights = list[np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """An evaluated run."""

    config: Config
    data: DataModule
    folder: Path
    dense: Weights | None  # before half of the kernel became zero
    card: ModelCard


def network() -> keras.Model:
    """One kernel that is large enough to be compacted; the last layer but one gives logits."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((224, 224, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(64, 8, strides=8, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1),
            layers.Activation("sigmoid"),
        ]
    )


def centred(model: keras.Model, weights: Weights, images: np.ndarray) -> Weights:
    """The weights with the bias at which half of the images are called positive."""
    model.set_weights(weights)
    logits = keras.Model(model.inputs, model.layers[-2].output).predict_on_batch(images)
    return [*weights[:-1], weights[-1] - np.median(logits)]


def trained(folder: Path, data: DataModule, *, dense: bool = True) -> Trained:
    """The network as if two epochs had passed; with ``dense``, also as it was without zeros."""
    random, model, (images, _) = np.random.default_rng(1), network(), data.evaluation("test")[0]
    full = [random.normal(0, 0.3, weight.shape).astype(np.float32) for weight in model.weights]
    full[2] *= 10
    zeros = random.random(full[0].shape) < 0.5
    model.set_weights(centred(model, [full[0] * zeros, *full[1:]], images))
    log = TrainingLog(folder / "history.json")
    for epoch in range(2):
        values = dict.fromkeys(("loss", "auc", "val_loss", "val_auc"), 0.5)
        log.add("all layers", epoch, {**values, "seconds": 1.5})
    return Trained(model, centred(network(), full, images) if dense else None, log)


def judged(folder: Path, work: Path, *, dense: bool = True) -> Judged:
    """Evaluate the network on the phantoms that are prepared in ``work``."""
    data = DataModule(CONFIG, work)
    made = trained(folder, data, dense=dense)
    card = evaluate_run(CONFIG, data, made, folder)
    return Judged(config=CONFIG, data=data, folder=folder, dense=made.dense_weights, card=card)
