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

from models import byte_floats, head, layers
from models.files import file_sha256
from models.precision import Precision, PrecisionRecord
from portal import precision_guard, processor_check
from portal.network import CompiledNetwork, Network
from portal.network_cache import Blob, NetworkCache
from portal.postponed import Postponed

if TYPE_CHECKING:
    import openvino

_log = logging.getLogger(__name__)
# A network that is being built takes several times its size, and one not yet kept takes twice. A
# thread that builds one may keep another before.
_building = threading.RLock()


def opener(
    cache_folder: Path, precision: Precision, later: Postponed | None = None
) -> Callable[[Path], Network]:
    """What opens networks at a precision, by way of a cache in this folder."""
    cache = NetworkCache(cache_folder)
    return partial(open_network, cache=cache, precision=precision, later=later)


def open_network(
    path: Path,
    cache: NetworkCache | None = None,
    precision: Precision = "f32",
    later: Postponed | None = None,
) -> Network:
    """The network of a checkpoint, compiled for one image at a time, from the cache or anew.

    Args:
        path: the checkpoint.
        cache: where compiled networks are kept; by default nowhere.
        precision: what the network computes in.
        later: what has a new network kept in the cache; by default it is kept at once.

    Raises:
        CheckpointRefused: the file holds no model of the expected kind.
        InvalidCard: its card, which a lower precision asks for, cannot be used.
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
        if later is not None:
            later.finish()
        compiled = _compiled(path, precision, record)
        network = CompiledNetwork(compiled)
        keep = partial(_keep, network, compiled, cache, name, precision)
        keep() if later is None else later.put(keep)
        return network


def _keep(
    network: CompiledNetwork,
    compiled: "openvino.CompiledModel",
    cache: NetworkCache,
    name: str,
    precision: Precision,
) -> None:
    """Keep a network, and have it go on as the one that was kept, which takes half the memory."""
    if not cache.usable:
        return  # writing a network out takes a while, for nothing
    with _building:
        try:
            blob = cache.write(name, compiled.export_model().getbuffer())
            kept = _imported(blob, precision)
        except (RuntimeError, MemoryError):  # it answers all the same
            _log.exception("a compiled model could not be kept")
            return
        if kept is not None:
            network.go_on_as(kept)


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
    reading, making = (layers, byte_floats), (head, compilation, network_graph, quantisation)
    for source in (*reading, *making, processor_check):
        digest.update(inspect.getsource(source).encode())
    return digest.hexdigest()[:16]
