"""Resident memory with one model open, with a cohort, and with all."""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from benchmarks.serving import peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.images import upload
from benchmarks.serving.peers import Peer
from benchmarks.serving.plan import Plan
from benchmarks.serving.served import served
from benchmarks.serving.table import Table, left_out
from models.catalogue import cohorts, model_keys
from models.precision import Precision

GIBIBYTE = 2**30
AIMS: Mapping[Precision, float] = MappingProxyType({"f32": 1.2, "bf16": 1.2, "int8": 0.6})
"""GiB, with all models open."""


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """A table, and the aim for all models."""
    all_models = sum(served(plan, key) for key in model_keys())
    counts = (1, len(plan.cohort.keys), all_models)
    heads = ("serving", *(f"{count} open, GiB" for count in counts), "the last / ours")
    found = {}
    servers = (peers.ours(plan, plan.folder / "cache"), peers.plain(plan))
    for peer in (peer for peer in servers if not peers.missing(peer.name)):
        plan.say(f"memory of {peer.name}, model by model")
        found[peer.name] = [value / GIBIBYTE for value in _steps(plan, peer)]
    mine = found[peers.OURS][-1]
    rows = [
        (name, *(f"{value:.2f}" for value in values), f"{values[-1] / mine:.2f}")
        for name, values in found.items()
    ]
    absent = [(peer.name, peers.missing(peer.name)) for peer in servers]
    rows += left_out([each for each in absent if each[1]], len(heads))
    note = "Resident memory of all processes of the server, after an answer of each model."
    if all_models < len(model_keys()):
        note += f" The plain portal has all {len(model_keys())} open then, none of which refuses."
    table = Table(title=f"Memory{plan.ending}", heads=heads, rows=tuple(rows), note=note)
    return [table], [aim(all_models, mine, plan.precision)]


def aim(models: int, gibibytes: float, precision: Precision) -> Aim:
    """The aim for all models; that fewer keep its bound, as the others refuse, does not reach it.

    Args:
        models: that are open.
        gibibytes: which they and the server take.
        precision: of the portal.
    """
    whole = models == len(model_keys())
    return Aim(
        what=f"memory of {len(model_keys())} models, {precision}, GiB",
        measured=gibibytes if whole else math.inf,
        bound=AIMS[precision],
        shown=f"{gibibytes:.2f}" if whole else f"{gibibytes:.2f} with {models}, as others refuse",
    )


def _steps(plan: Plan, peer: Peer) -> Iterator[int]:
    """Bytes after one model, after its cohort, after all; every process of the server counts."""
    first = plan.cohort.keys[0]
    with peer.started() as server:
        server.wait()
        peer.ask(server.port, first.slug, upload(plan.cohort.modality))
        yield resident(server.process.pid)
        peer.ask(server.port, plan.cohort.slug, upload(plan.cohort.modality))
        yield resident(server.process.pid)
        for cohort in cohorts():
            peer.ask(server.port, cohort.slug, upload(cohort.modality))
        yield resident(server.process.pid)


def resident(pid: int) -> int:
    """Bytes of resident memory of a process and all below it; shared pages count for each."""
    import psutil

    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(int(each.memory_info().rss) for each in family)
