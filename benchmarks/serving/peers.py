"""The servers that are compared: how each is started and asked."""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving.plan import Plan
from benchmarks.serving.server import Server, free_port, started
from benchmarks.serving.uploads import Probabilities, ask_gradio, ask_page

OURS = "this portal"
PLAIN = "plain portal"
RELOADING = "plain portal, loading every time"
GRADIO = "Gradio"
BARE = "bare OpenVINO pass"
ONNX = "bare ONNX Runtime pass"

TENSORFLOW = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A server that answers what the portal answers."""

    name: str
    command: tuple[str, ...]  # the port comes by ``by_option`` or as PORT
    environment: Mapping[str, str] = field(default_factory=dict)
    by_option: bool = True
    ask: Callable[[int, str, bytes], Probabilities] = ask_page

    @contextmanager
    def started(self, **environment: str) -> Iterator[Server]:
        """Its process on a free port, not waited for."""
        port = free_port()
        option = ("--port", str(port)) if self.by_option else ()
        given = {**self.environment, "PORT": str(port), **environment}
        with started((*self.command, *option), given, port) as server:
            yield server


def ours(plan: Plan, cache: Path) -> Peer:
    """The portal with its compiled models in a folder of its own."""
    return Peer(
        name=OURS,
        command=(str(plan.portal_python), "-m", "portal"),
        environment={
            "CHECKPOINTS": str(plan.checkpoints),
            "CACHE_DIR": str(cache),
            "PRECISION": plan.precision,
            "KERAS_BACKEND": "openvino",
        },
        by_option=False,
    )


def plain(plan: Plan) -> Peer:
    """The portal that anybody writes first."""
    module = "benchmarks.serving.plain_portal"
    command = (sys.executable, "-m", module, "--checkpoints", str(plan.checkpoints))
    return Peer(name=PLAIN, command=command, environment=TENSORFLOW)


def reloading(plan: Plan) -> Peer:
    """The same, which loads the model for each upload."""
    command = (*plain(plan).command, "--load-every-time")
    return Peer(name=RELOADING, command=command, environment=TENSORFLOW)


def gradio(plan: Plan) -> Peer:
    """Gradio around the same Keras models."""
    module = "benchmarks.serving.gradio_portal"
    return Peer(
        name=GRADIO,
        command=(sys.executable, "-m", module, "--checkpoints", str(plan.checkpoints)),
        environment={**TENSORFLOW, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"},
        ask=ask_gradio,
    )


NEEDS = {
    PLAIN: ("tensorflow",),
    RELOADING: ("tensorflow",),
    GRADIO: ("tensorflow", "gradio"),
    ONNX: ("tensorflow", "tf2onnx", "onnxruntime"),
    BARE: ("openvino",),
}
"""What is compared -> the packages without which it cannot be."""


def missing(name: str, needs: Mapping[str, tuple[str, ...]] = NEEDS) -> tuple[str, ...]:
    """The packages that are not installed and without which ``name`` is left out."""
    needed = needs.get(name, ())
    return tuple(package for package in needed if importlib.util.find_spec(package) is None)
