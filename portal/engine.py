"""From a checkpoint to a compiled network: opened by Keras once, run by OpenVINO from then on."""

import gc
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.checkpoint import open_model

if TYPE_CHECKING:
    import openvino

Network = Callable[[np.ndarray], float]
"""(1, 224, 224, 3) float32 RGB in 0..255 -> probability of the positive label."""

_CONFIG = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
_keras = threading.Lock()  # building a model touches state that Keras shares between threads


class CompiledNetwork:
    """A compiled network that any number of threads may ask at once.

    A request is taken from the idle ones, or made, and put back afterwards: never more than the
    threads that ask at the same time. ``deque`` needs no lock for that.
    """

    def __init__(self, compiled: "openvino.CompiledModel") -> None:
        self._compiled = compiled
        self._idle: deque[Any] = deque()

    def __call__(self, tensor: np.ndarray) -> float:
        """The probability for one (1, 224, 224, 3) float32 tensor in 0..255."""
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        outputs = request.infer([tensor])
        probability = float(outputs[0].item())
        self._idle.append(request)
        return probability


def open_network(path: Path) -> Network:
    """The network of a checkpoint, in 32-bit floats, compiled for one image at a time.

    Raises:
        CheckpointRefused: the file holds no model of the expected kind.
    """
    with _keras, tempfile.TemporaryDirectory(prefix="breast-portal-") as folder:
        exported = Path(folder, "network.xml")
        open_model(path).export(str(exported), format="openvino", verbose=False)
        gc.collect()  # a Keras model is a ring of references, as large as its weights
        model = _core().read_model(exported)
        model.reshape([1, 224, 224, 3])
        return CompiledNetwork(_core().compile_model(model, "CPU", _CONFIG))


@cache
def _core() -> "openvino.Core":
    import openvino

    core = openvino.Core()
    core.set_property({"ENABLE_MMAP": False})  # a mapped file keeps its room after it is deleted
    return core
