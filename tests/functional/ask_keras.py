"""Run by a test, on TensorFlow: `ask_keras.py FOLDER` writes checkpoints and Keras' answers."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES
from models.checkpoint import save_plain
from models.specs import BackboneSpec
from pipelines.config import Config
from pipelines.model_factory import ModelFactory
from pipelines.phantoms import phantom

layers = keras.layers


def paddings() -> Any:
    """A graph with what the backbones have not: same padding with strides, an axis from behind."""
    image = layers.Input((224, 224, 3))
    scaled = layers.Rescaling(1 / 255, offset=-0.5)(image)
    left = layers.Conv2D(6, 5, strides=3, padding="same", dilation_rate=1)(scaled)
    right = layers.Conv2D(6, 3, strides=3, padding="same", activation="relu")(scaled)
    both = layers.Concatenate()([left, layers.Add()([left, right])])
    both = layers.ReLU()(layers.BatchNormalization(scale=False)(both))
    both = layers.MaxPooling2D(3, strides=2, padding="same")(both)
    both = layers.Conv2D(8, 3, dilation_rate=2, use_bias=False)(both)
    both = layers.AveragePooling2D(3, strides=2, padding="same")(both)
    both = layers.GlobalAveragePooling2D(keepdims=False)(both)
    both = layers.BatchNormalization(center=False)(both)
    return keras.Model(image, layers.Dense(1, activation="sigmoid")(both))


def chain() -> Any:
    """A sequential model, which Keras writes in a form of its own."""
    return keras.Sequential(
        [
            layers.Input((224, 224, 3)),
            layers.Rescaling(1 / 255),
            layers.ZeroPadding2D(((1, 2), (3, 4))),
            layers.Conv2D(4, 8, strides=8),
            layers.Activation("relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def study_network(backbone: BackboneSpec, served_pixels: int | None = None) -> Any:
    """A network as training builds it, which halves or resizes the image first."""
    config = Config(
        modality=next(iter(MODALITIES)),
        backbone=backbone.key,
        strategy=next(iter(STRATEGIES)),
        dataset="phantom",
        init="random",
        pixels=112,
        served_pixels=served_pixels,
    )
    return ModelFactory(config).build()


def randomise(model: Any, random: np.random.Generator) -> None:
    """Give every weight a value of its own, as if it had been trained."""
    for variable in model.weights:
        shape = tuple(variable.shape)
        if variable.name == "kernel":
            values = random.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
        elif variable.name in {"gamma", "moving_variance"}:
            values = random.uniform(0.5, 1.5, shape)
        else:
            values = random.normal(0, 0.1, shape)
        variable.assign(values)


def spread(model: Any, images: np.ndarray) -> None:
    """Scale the last layer so that the answers differ from image to image."""
    *_, before, last = model.layers
    features = keras.Model(model.inputs, before.output).predict(images, verbose=0)
    kernel, bias = (np.asarray(weight, np.float64) for weight in last.get_weights())
    logits = features.astype(np.float64) @ kernel + bias
    factor = 1 / logits.std()
    last.set_weights([kernel * factor, (bias - logits.mean()) * factor])


def main(folder: Path) -> None:
    """Write checkpoints, images.npy (n, 224, 224, 3) and answers.json."""
    random = np.random.default_rng(5)
    images = np.stack(
        [
            spec.prepare(phantom(spec.key, label, seed))
            for spec in MODALITIES.values()
            for label in (0, 1)
            for seed in range(2)
        ]
    ).astype(np.float32)
    np.save(folder / "images.npy", images)
    answers = {}
    for name, model in models():
        randomise(model, random)
        spread(model, images)
        save_plain(model, folder / f"{name}.h5")
        answers[name] = model.predict(images, verbose=0)[:, 0].tolist()
    (folder / "answers.json").write_text(json.dumps(answers), "utf-8")


def models() -> Iterator[tuple[str, Any]]:
    """Each network under test and its name."""
    yield from ((key, study_network(spec)) for key, spec in BACKBONES.items())
    yield "resized", study_network(next(iter(BACKBONES.values())), served_pixels=144)
    yield "paddings", paddings()
    yield "chain", chain()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
