"""A compiled network, and the form in which the rest of the portal knows it."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from portal.network_cache import Blob

if TYPE_CHECKING:
    import openvino


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """An answer, and the features that it rests on."""

    probability: float  # of the positive label
    features: np.ndarray  # (channels, rows, columns) float32, before the global pooling


class Network(Protocol):
    """(1, 224, 224, 3) float32 RGB in 0..255 -> probability of the positive label."""

    def __call__(self, tensor: np.ndarray, /) -> float:
        """The probability for one image."""

    def look(self, tensor: np.ndarray, /) -> Look:
        """The probability for one image, and what it rests on."""


class Requests:
    """The requests of a compiled network: taken from the idle ones, or made, and put back.

    There are never more than threads that ask at the same time. ``deque`` needs no lock for that.
    """

    def __init__(self, compiled: "openvino.CompiledModel", blob: Blob | None) -> None:
        self._compiled = compiled
        self._blob = blob  # the network reads a few of its numbers from there
        self._idle: deque[Any] = deque()

    @contextmanager
    def passed(self, tensor: np.ndarray) -> Iterator[Any]:
        """The outputs of a pass; they are the request's own memory, and its only in here."""
        from openvino import Tensor

        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        # Run by the network's own thread, whoever asks: passes that threads run themselves have
        # helpers of their own each, who spin beside those of the pass that is on.
        request.set_input_tensor(Tensor(tensor, shared_memory=True))
        request.start_async()
        request.wait()
        yield [output.data for output in request.output_tensors]
        self._idle.append(request)


class CompiledNetwork:
    """A compiled network that any number of threads may ask at once."""

    def __init__(self, compiled: "openvino.CompiledModel", blob: Blob | None = None) -> None:
        self.requests = Requests(compiled, blob)

    def __call__(self, tensor: np.ndarray) -> float:
        """The probability for one (1, 224, 224, 3) float32 tensor in 0..255."""
        with self.requests.passed(tensor) as outputs:
            return float(outputs[0].item())

    def look(self, tensor: np.ndarray) -> Look:
        """The same from the same pass, with the features.

        Raises:
            IndexError: the network has no global pooling, and so no features to show.
        """
        with self.requests.passed(tensor) as outputs:
            return Look(probability=float(outputs[0].item()), features=outputs[1][0].copy())

    def go_on_as(self, other: "CompiledNetwork") -> None:
        """Answer from now on as another one does; passes that are under way end as they began."""
        self.requests = other.requests
