"""From the start of a process to its first verdict."""

import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.serving import peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.images import upload
from benchmarks.serving.peers import Peer
from benchmarks.serving.plan import Plan
from benchmarks.serving.ratios import ratio
from benchmarks.serving.rounds import Turn, in_turns
from benchmarks.serving.table import Table, left_out

EMPTY = f"{peers.OURS}, empty cache"
FILLED = f"{peers.OURS}, filled cache"
AIM = 0.35  # ours over the plain portal's


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """A table, and the aims for an empty and a filled cache."""
    others = [peers.plain(plan), peers.gradio(plan)]
    turns = {
        EMPTY: Turn(measure=partial(_with_empty_cache, plan)),
        FILLED: Turn(measure=partial(_seconds, plan, peers.ours(plan, plan.folder / "filled"))),
    }
    turns |= {
        peer.name: Turn(measure=partial(_seconds, plan, peer))
        for peer in others
        if not peers.missing(peer.name)
    }
    plan.say(f"{plan.repeats + 1} starts of each of {len(turns)}")
    found = in_turns(turns, plan.repeats)
    heads = ("started", "median, s", "lowest, s", "highest, s", "median / ours (95 %)")
    rows = [
        (
            name,
            *(f"{np.quantile(values, q):.2f}" for q in (0.5, 0.0, 1.0)),
            str(ratio(values, found[FILLED])),
        )
        for name, values in found.items()
    ]
    absent = [(peer.name, peers.missing(peer.name)) for peer in others]
    rows += left_out([each for each in absent if each[1]], len(heads))
    aims = [
        Aim.of_ratio(f"start to first verdict / plain portal: {name}", measured, AIM)
        for name in (EMPTY, FILLED)
        if peers.PLAIN in found
        for measured in [ratio(found[name], found[peers.PLAIN])]
    ]
    title = f"From start to first verdict: {plan.cohort.keys[0].slug}"
    note = "Ours, in the ratios, is the one with a filled cache."
    return [Table(title=title, heads=heads, rows=tuple(rows), note=note)], aims


def _with_empty_cache(plan: Plan) -> float:
    with tempfile.TemporaryDirectory(dir=plan.folder) as cache:
        return _seconds(plan, peers.ours(plan, Path(cache)))


def _seconds(plan: Plan, peer: Peer) -> float:
    """Start a server, ask it once, and stop it, which is not counted."""
    image = upload(plan.cohort.modality)
    began = time.perf_counter()
    with peer.started() as server:
        server.wait()
        peer.ask(server.port, plan.cohort.keys[0].slug, image)
        return time.perf_counter() - began
