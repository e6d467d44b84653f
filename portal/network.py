"""A compiled network, and the form in which the rest of the portal knows it."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from portal.network_cache import Blob

if TYPE_CHECKING:
    import openvino

Network = Callable[[np.ndarray], float]
"""(1, 224, 224, 3) float32 RGB in 0..255 -> probability of the positive label."""


class CompiledNetwork:
    """A compiled network that any number of threads may ask at once.

    A request is taken from the idle ones, or made, and put back afterwards: never more than the
    threads that ask at the same time. ``deque`` needs no lock for that.
    """

    def __init__(self, compiled: "openvino.CompiledModel", blob: Blob | None = None) -> None:
        self._compiled = compiled
        self._blob = blob  # the network reads a few of its numbers from there
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
