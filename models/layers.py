"""The layers of a checkpoint, read without Keras: what each does, and its weights."""

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from models import byte_floats
from models.checkpoint import DamagedCheckpoint, ForeignCheckpoint, open_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a network."""

    name: str
    kind: str  # Keras' class: "Conv2D"
    settings: Mapping[str, Any]  # as Keras writes them: {"strides": [2, 2], ...}
    inputs: tuple[str, ...]  # names of the layers before it; none for the input
    weights: Mapping[str, np.ndarray]  # "kernel", "bias", ... as stored: float32, or float16


def read_layers(path: Path, *, weights_of: Container[str] | None = None) -> tuple[Layer, ...]:
    """The layers of a checkpoint, each after those that it needs; the last one is the output.

    Args:
        path: the checkpoint.
        weights_of: the kinds of layers whose weights are read; by default all.

    Raises:
        MissingCheckpoint: there is no such file.
        DamagedCheckpoint: the file is no whole HDF5 file.
        ForeignCheckpoint: it holds no Keras model, or one that is more than a graph of layers.
    """
    with open_file(path) as file:
        try:
            return tuple(_layers(file, weights_of))
        except OSError as error:
            raise DamagedCheckpoint(expected="readable weights", received="damaged ones") from error
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise ForeignCheckpoint(
                expected="a Keras model, as a graph of layers", received="other HDF5 content"
            ) from error


def _layers(file: h5py.File, weights_of: Container[str] | None) -> Iterator[Layer]:
    model = json.loads(file.attrs["model_config"])
    rows = model["config"]["layers"]
    chain = model["class_name"] == "Sequential"
    for row, before in zip(rows, (None, *rows), strict=False):
        name = row["config"]["name"]
        wanted = weights_of is None or row["class_name"] in weights_of
        yield Layer(
            name=name,
            kind=row["class_name"],
            settings=row["config"],
            inputs=_chained(before) if chain else _named(row["inbound_nodes"]),
            weights=_weights(file["model_weights"], name) if wanted else {},
        )


def _chained(before: Mapping[str, Any] | None) -> tuple[str, ...]:
    return () if before is None else (before["config"]["name"],)


def _named(calls: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """The layers that a layer is called on; one that is called twice is refused."""
    if len(calls) > 1:
        raise ValueError("expected a layer that is called once")
    return tuple(_histories(calls[0]["args"])) if calls else ()


def _histories(argument: Any) -> Iterator[str]:
    """The layers' names in a call's arguments, which Keras nests in lists."""
    if isinstance(argument, list):
        for item in argument:
            yield from _histories(item)
    else:
        yield argument["config"]["keras_history"][0]


def _weights(groups: h5py.Group, name: str) -> dict[str, np.ndarray]:
    if name not in groups:
        return {}
    group = groups[name]
    names = [str(item) for item in group.attrs["weight_names"]]
    return {item.rpartition("/")[2]: _numbers(group[item]) for item in names}


def _numbers(stored: h5py.Dataset) -> np.ndarray:
    """As float32, but that halves and bytes become halves; OpenVINO crashes on text.

    Raises:
        TypeError, ValueError: they are no numbers.
    """
    halves = byte_floats.read(stored)
    if halves is not None:
        return halves
    values = stored[()]
    return values if values.dtype == np.float16 else np.asarray(values, np.float32)
