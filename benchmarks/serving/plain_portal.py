"""The portal that anybody writes first: Flask, ``load_model``, ``predict``.

It is here to be compared with: ``python -m benchmarks.serving.plain_portal --port 5000``. It
serves the pages of the real one, model or cohort, without their figures.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from flask import Flask, render_template_string, request

from models.catalogue import ModelKey, cohorts, model_keys

if TYPE_CHECKING:
    import keras

PAGE = """<!doctype html><title>Result</title>
{% for label, probability in results %}
<p data-probability="{{ probability }}">{{ label }}: {{ "%.2f"|format(100 * probability) }} %</p>
{% endfor %}"""

NAMES = {key.slug: (key,) for key in model_keys()} | {each.slug: each.keys for each in cohorts()}
"""Page -> its models."""


class Models:
    """Keras models of a folder of checkpoints, kept once they are loaded, or loaded each time."""

    def __init__(self, checkpoints: Path, *, keep: bool = True) -> None:
        self._checkpoints = checkpoints
        self._keep = keep
        self._loaded: dict[str, keras.Model] = {}

    def predict(self, key: ModelKey, batch: np.ndarray) -> float:
        """The probability of the positive label for a batch of one."""
        return float(self._model(key).predict(batch, verbose=0)[0, 0])

    def _model(self, key: ModelKey) -> "keras.Model":
        import keras

        if key.slug not in self._loaded or not self._keep:
            path = self._checkpoints / key.checkpoint
            self._loaded[key.slug] = keras.models.load_model(path, compile=False)
        return self._loaded[key.slug]


def create_app(models: Models) -> Flask:
    """The application."""
    app = Flask(__name__)

    @app.post("/<name>")
    def result(name: str) -> str:
        keys = NAMES[name]
        batch = batch_of(request.files["image"].read(), keys[0])
        probabilities = [models.predict(key, batch) for key in keys]
        labels = keys[0].modality.labels
        results = [(labels[value >= 0.5], value) for value in probabilities]
        return render_template_string(PAGE, results=results)

    return app


def batch_of(content: bytes, key: ModelKey) -> np.ndarray:
    """(1, 224, 224, 3) float32 of an image file, prepared as the networks know it."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise ValueError("expected an image file, received something else")
    prepare: Callable[[np.ndarray], np.ndarray] = key.modality.prepare
    return prepare(pixels)[np.newaxis]


def main(arguments: list[str]) -> None:
    """Serve until stopped, with Flask's own server."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving.plain_portal")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--checkpoints", type=Path, default=Path("models/checkpoints"))
    parser.add_argument("--load-every-time", action="store_true")
    options = parser.parse_args(arguments)
    models = Models(options.checkpoints, keep=not options.load_every_time)
    create_app(models).run(port=options.port)


if __name__ == "__main__":
    main(sys.argv[1:])
