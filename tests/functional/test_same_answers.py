"""The served networks answer as Keras does on TensorFlow, whatever their weights."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import BACKBONES
from portal.engine import open_network
from portal.network_cache import NetworkCache

ROOT = Path(__file__).resolve().parents[2]
FURTHER = ("resized", "paddings", "chain")
ASK_KERAS = ROOT / "tests" / "functional" / "ask_keras.py"


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with checkpoints of random weights, images, and what Keras says of them."""
    folder = tmp_path_factory.mktemp("keras")
    subprocess.run(
        [sys.executable, str(ASK_KERAS), str(folder)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BACKBONES, *FURTHER])
def test_f32_agrees_with_keras(answered: Path, tmp_path: Path, name: str) -> None:
    images = np.load(answered / "images.npy")
    expected = json.loads((answered / "answers.json").read_text("utf-8"))[name]
    assert np.std(expected) > 0.01, "networks that tell nothing apart prove nothing"
    cache = NetworkCache(tmp_path / "cache")
    path = answered / f"{name}.h5"
    for network in (open_network(path), open_network(path, cache), open_network(path, cache)):
        answers = [network(image[np.newaxis]) for image in images]
        assert answers == pytest.approx(expected, abs=1e-4)
