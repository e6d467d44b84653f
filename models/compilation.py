"""A checkpoint's layers, compiled for this processor at a precision."""

from collections.abc import Mapping, Sequence
from functools import cache

import openvino

from models.checkpoint import ForeignCheckpoint
from models.layers import Layer
from models.network_graph import build
from models.precision import Precision, Quantisation
from models.quantisation import quantise


@cache
def core() -> openvino.Core:
    """OpenVINO's one core of this process."""
    return openvino.Core()


def limit_threads(count: int) -> None:
    """Have every network that this process opens from now on run in at most ``count`` threads.

    By default there is one for each processor core, which is right for one process alone.
    """
    core().set_property("CPU", {"INFERENCE_NUM_THREADS": count})


def options_at(precision: Precision) -> Mapping[str, str]:
    """OpenVINO's options for a precision; where integers are not used, int8 computes in f32.

    Its threads are not tied to processor cores: a pass would wait for whatever else, other passes
    too, is running on the very core that one of them is tied to. Its compiler for chains of small
    operations is off: a DenseNet121 would take 9 MB more, at int8 18, to save 1 to 5 % of its time.
    """
    return {
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": "NO",
        "SNIPPETS_MODE": "DISABLE",
    }


def compiled(
    layers: Sequence[Layer], precision: Precision, quantisation: Quantisation | None = None
) -> openvino.CompiledModel:
    """A network for one image at a time.

    Args:
        layers: the checkpoint's.
        precision: what it computes in.
        quantisation: what int8 needs to know; the other precisions leave it alone.

    Raises:
        ForeignCheckpoint: the layers make no network, or none of this quantisation.
    """
    graph = build(layers)
    if precision == "int8":
        _quantise(graph, quantisation)
    return core().compile_model(graph, "CPU", dict(options_at(precision)))


def _quantise(graph: openvino.Model, quantisation: Quantisation | None) -> None:
    try:
        if quantisation is None:
            raise ValueError("expected a quantisation")
        quantise(graph, quantisation)
    except ValueError as error:
        raise ForeignCheckpoint(
            expected="a network with the convolutions of its record", received="another network"
        ) from error
