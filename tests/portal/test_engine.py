from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import ModelKey, model_keys
from models.checkpoint import MissingCheckpoint
from portal.engine import open_network
from tests.fakes import pixels, tiny_model


def tensor(seed: int) -> np.ndarray:
    return pixels(seed, (224, 224))[np.newaxis].astype(np.float32)


def by_hand(model: object, image: np.ndarray) -> float:
    """The tiny model in NumPy, in 64-bit floats; Keras may compute in 16 bits on some machines."""
    kernel, bias, dense, offset = (np.asarray(w, dtype=np.float64) for w in model.get_weights())
    blocks = (image[0] / 255.0).reshape(28, 8, 28, 8, 3).transpose(0, 2, 1, 3, 4)
    features = blocks.reshape(784, 192) @ kernel.reshape(192, 4) + bias
    logit = np.maximum(features, 0).mean(axis=0) @ dense + offset
    return float(1 / (1 + np.exp(-logit[0])))


@pytest.mark.parametrize("index", [0, 4, 8])
def test_a_compiled_network_answers_as_the_model_does(installed: Path, index: int) -> None:
    key: ModelKey = model_keys()[index]
    network = open_network(installed / key.checkpoint)
    for seed in range(3):
        expected = by_hand(tiny_model(index), tensor(seed))
        assert network(tensor(seed)) == pytest.approx(expected, abs=1e-5)


def test_many_threads_may_ask_at_once(installed: Path) -> None:
    network = open_network(installed / model_keys()[0].checkpoint)
    images = [tensor(seed) for seed in range(8)]
    expected = [network(image) for image in images]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(network, images * 10)) == expected * 10


def test_many_threads_may_open_at_once(installed: Path) -> None:
    paths = [installed / key.checkpoint for key in model_keys()]
    with ThreadPoolExecutor(8) as pool:
        networks = list(pool.map(open_network, paths))
    assert len({network(tensor(1)) for network in networks}) == len(paths)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingCheckpoint):
        open_network(tmp_path / "absent.h5")
