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

from models import head, layers
from models.checkpoint import file_sha256
from models.precision import Precision, PrecisionRecord
from portal import precision_guard, processor_check
from portal.network import CompiledNetwork, Network
from portal.network_cache import Blob, NetworkCache

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
        PrecisionRefused: its answers move too far at this precision, or nobody measured that.
    """
    record = None if precision == "f32" else precision_guard.measured(path, precision)
    if cache is None:
        return CompiledNetwork(_compiled(path, precision, record))
    name = f"{file_sha256(path)}-{precision}-{_maker(record)}"
    network = _imported(cache.read(name), precision)
    if network is not None:
        return network
    with _building:
        compiled = _compiled(path, precision, record)
        blob = cache.write(name, compiled.export_model().getbuffer())
        return _imported(blob, precision) or CompiledNetwork(compiled)


def _imported(blob: Blob | None, precision: Precision) -> CompiledNetwork | None:
    """The network of a blob, which leaves its weights on disk once OpenVINO has packed its own."""
    import openvino

    from models.compilation import core, options_at

    if blob is None:
        return None
    pages = np.frombuffer(blob.pages, np.uint8, blob.size)
    tensor = openvino.Tensor(pages, shared_memory=True)
    try:
        compiled = core().import_model(tensor, "CPU", dict(options_at(precision)))
    except RuntimeError:  # made by another OpenVINO or for another processor
        _log.info("a compiled model is of no use here and is made again")
        return None
    finally:
        blob.give_back()
    return CompiledNetwork(compiled, blob)


def _compiled(
    path: Path, precision: Precision, record: PrecisionRecord | None
) -> "openvino.CompiledModel":
    from models.compilation import compiled

    if record is None:
        return compiled(layers.read_layers(path), precision)
    made = compiled(layers.read_layers(path), precision, record.quantisation)
    processor_check.require(CompiledNetwork(made), record.moves[precision].probes, precision)
    return made


def _maker(record: PrecisionRecord | None) -> str:
    """16 hexadecimal digits for all that a compiled network depends on besides its checkpoint."""
    text = "" if record is None else record.to_json()
    return hashlib.sha256(f"{_here()}{text}".encode()).hexdigest()[:16]


@cache
def _here() -> str:
    """The same digits for OpenVINO, the processor and the code."""
    import openvino

    from models import compilation, network_graph, quantisation

    digest = hashlib.sha256(openvino.get_version().encode())
    for name in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES"):
        digest.update(repr(compilation.core().get_property("CPU", name)).encode())
    for source in (layers, head, compilation, network_graph, quantisation, processor_check):
        digest.update(inspect.getsource(source).encode())
    return digest.hexdigest()[:16]
