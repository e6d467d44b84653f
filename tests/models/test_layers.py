import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from models.catalogue import model_keys
from models.checkpoint import (
    DamagedCheckpoint,
    ForeignCheckpoint,
    MissingCheckpoint,
    save_plain,
    write_draft,
)
from models.layers import read_layers
from tests.fakes import tiny_model


def test_a_chain_is_read_in_its_order_with_its_weights(installed: Path) -> None:
    layers = read_layers(installed / model_keys()[1].checkpoint)
    kinds = [layer.kind for layer in layers]
    assert kinds == ["InputLayer", "Rescaling", "Conv2D", "GlobalAveragePooling2D", "Dense"]
    names = [layer.name for layer in layers]
    assert [layer.inputs for layer in layers] == [(), *((name,) for name in names[:-1])]
    kernel, bias = tiny_model(1).get_weights()[:2]
    assert layers[2].weights["kernel"].dtype == np.float32
    assert np.array_equal(layers[2].weights["kernel"], kernel)
    assert np.array_equal(layers[2].weights["bias"], bias)
    assert layers[2].settings["strides"] == [8, 8]
    assert not layers[1].weights


def test_a_graph_names_what_each_layer_is_called_on(tmp_path: Path) -> None:
    import keras

    image = keras.Input((224, 224, 3), name="image")
    left = keras.layers.Conv2D(2, 1, name="left")(image)
    right = keras.layers.Conv2D(2, 1, name="right")(image)
    both = keras.layers.Concatenate(name="both")([right, left])
    save_plain(keras.Model(image, both), tmp_path / "model.h5")
    inputs = {layer.name: layer.inputs for layer in read_layers(tmp_path / "model.h5")}
    assert inputs["both"] == ("right", "left")
    assert inputs["left"] == inputs["right"] == ("image",)
    assert inputs["image"] == ()


@pytest.mark.parametrize(
    ("stored", "read"), [(np.float16, np.float16), (np.float64, np.float32), (np.int8, np.float32)]
)
def test_halves_stay_halves_and_all_other_numbers_become_float32(
    stored: type[np.generic], read: type[np.generic], tmp_path: Path
) -> None:
    path = tmp_path / "model.h5"
    save_plain(tiny_model(1), path)
    with h5py.File(path, "a") as file:
        replace_kernel(file, lambda kernel: np.rint(kernel).astype(stored))
    kernels = {
        layer.weights["kernel"].dtype for layer in read_layers(path) if "kernel" in layer.weights
    }
    assert np.dtype(read) in kernels
    assert kernels <= {np.dtype(read), np.dtype(np.float32)}


def test_bytes_become_halves(tmp_path: Path) -> None:
    model = tiny_model(1)
    model.set_weights([np.where(values > 0, 0.375, 0.0) for values in model.get_weights()])
    save_plain(model, tmp_path / "plain.h5")
    write_draft(model, tmp_path / "draft.h5")
    kinds = set()
    plain, draft = (read_layers(tmp_path / name) for name in ("plain.h5", "draft.h5"))
    for before, after in zip(plain, draft, strict=True):
        for name, values in before.weights.items():
            kinds.add(after.weights[name].dtype)
            assert np.array_equal(after.weights[name], values)
    assert np.dtype(np.float16) in kinds


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingCheckpoint):
        read_layers(tmp_path / "absent.h5")


def test_a_file_of_another_form_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"no HDF5")
    with pytest.raises(DamagedCheckpoint):
        read_layers(path)


def no_config(file: h5py.File) -> None:
    del file.attrs["model_config"]


def no_json(file: h5py.File) -> None:
    file.attrs["model_config"] = "layers"


def no_weights(file: h5py.File) -> None:
    del file["model_weights"]


def replace_kernel(file: h5py.File, change: Callable[[np.ndarray], np.ndarray]) -> None:
    names: list[str] = []
    file["model_weights"].visit(names.append)
    name = next(name for name in names if name.endswith("kernel"))
    kernel = file["model_weights"][name][()]
    del file["model_weights"][name]
    file["model_weights"][name] = change(kernel)


def words_for_numbers(file: h5py.File) -> None:
    replace_kernel(file, lambda kernel: np.full(kernel.shape, b"word"))


def other_json(file: h5py.File) -> None:
    file.attrs["model_config"] = json.dumps([1, 2])


def called_twice(file: h5py.File) -> None:
    call: dict[str, Any] = {"args": [], "kwargs": {}}
    row = {"class_name": "Conv2D", "config": {"name": "twice"}, "inbound_nodes": [call, call]}
    model = {"class_name": "Functional", "config": {"layers": [row]}}
    file.attrs["model_config"] = json.dumps(model)


@pytest.mark.parametrize(
    "spoil", [no_config, no_json, no_weights, words_for_numbers, other_json, called_twice]
)
def test_other_content_is_refused(tmp_path: Path, spoil: Callable[[h5py.File], None]) -> None:
    path = tmp_path / "model.h5"
    save_plain(tiny_model(1), path)
    with h5py.File(path, "a") as file:
        spoil(file)
    with pytest.raises(ForeignCheckpoint):
        read_layers(path)
