"""From a checkpoint to a compiled network, run by OpenVINO. No Keras takes part."""

import hashlib
import inspect
import logging
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import layers
from models.checkpoint import file_sha256
from portal import precision_check
from portal.network import CompiledNetwork, Network
from portal.network_cache import Blob, NetworkCache
from portal.settings import Precision

if TYPE_CHECKING:
    import openvino

_log = logging.getLogger(__name__)
_building = threading.Lock()  # a network that is being built takes several times its size


def opener(cache_folder: Path, precision: Precision) -> Callable[[Path], Network]:
    """What opens networks at a precision, by way of a cache in this folder."""
    return partial(open_network, cache=NetworkCache(cache_folder), precision=precision)


def open_network(
    path: Path, cache: NetworkCache | None = None, precision: Precision = "f32"
) -> Network:
    """The network of a checkpoint, compiled for one image at a time, from the cache or anew.

    Raises:
        CheckpointRefused: the file holds no model of the expected kind.
        PrecisionRefused: its answers move too far at this precision.
    """
    if cache is None:
        return CompiledNetwork(_compiled(path, precision))
    name = f"{file_sha256(path)}-{precision}-{_maker()}"
    network = _imported(cache.read(name), precision)
    if network is not None:
        return network
    with _building:
        compiled = _compiled(path, precision)
        blob = cache.write(name, compiled.export_model().getbuffer())
        return _imported(blob, precision) or CompiledNetwork(compiled)


def _imported(blob: Blob | None, precision: Precision) -> CompiledNetwork | None:
    """The network of a blob, which leaves its weights on disk once OpenVINO has packed its own."""
    import openvino

    if blob is None:
        return None
    pages = np.frombuffer(blob.pages, np.uint8, blob.size)
    tensor = openvino.Tensor(pages, shared_memory=True)
    try:
        compiled = _core().import_model(tensor, "CPU", _options(precision))
    except RuntimeError:  # made by another OpenVINO or for another processor
        _log.info("a compiled model is of no use here and is made again")
        return None
    finally:
        blob.give_back()
    return CompiledNetwork(compiled, blob)


def _compiled(path: Path, precision: Precision) -> "openvino.CompiledModel":
    from portal.network_graph import build

    graph = build(layers.read_layers(path))
    compiled = _core().compile_model(graph, "CPU", _options(precision))
    if precision != "f32":
        exact = _core().compile_model(graph, "CPU", _options("f32"))
        precision_check.require(CompiledNetwork(exact), CompiledNetwork(compiled), precision)
    return compiled


def _options(precision: Precision) -> dict[str, str]:
    return {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}


@cache
def _maker() -> str:
    """16 hexadecimal digits for all that a compiled network depends on besides its checkpoint."""
    import openvino

    from portal import network_graph

    digest = hashlib.sha256(openvino.get_version().encode())
    for name in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES"):
        digest.update(repr(_core().get_property("CPU", name)).encode())
    for source in (layers, network_graph, precision_check):
        digest.update(inspect.getsource(source).encode())
    return digest.hexdigest()[:16]


@cache
def _core() -> "openvino.Core":
    import openvino

    return openvino.Core()
