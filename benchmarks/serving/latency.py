"""One upload to one verdict, and to the verdicts of a cohort: all in turns, in the same rounds."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

import numpy as np

from benchmarks.serving import peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.contestants import Ask, check_same, contestants
from benchmarks.serving.images import upload
from benchmarks.serving.plan import Plan
from benchmarks.serving.ratios import ratio
from benchmarks.serving.rounds import Turn, in_turns
from benchmarks.serving.table import Table, left_out

SELDOM = 10  # of so many rounds, one loads a model
SAME = {"f32": 1e-3, "bf16": 0.02, "int8": 0.05}  # largest difference of two answers to one image
BARE_AIM = 1.25  # upload to verdict over the bare pass
PLAIN_AIMS = {"f32": 3.0, "bf16": 3.0, "int8": 8.0}  # plain portal over this one, compare page
HEADS = ("asked", "p50, ms", "p95, ms", "p50 / ours (95 %)", "p95 / ours (95 %)")


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """Tables of the single pages and of the compare page, and the aims they decide."""
    with ExitStack() as stack:
        return compared(plan, contestants(plan, stack))


def compared(plan: Plan, asks: Mapping[str, Ask]) -> tuple[list[Table], list[Aim]]:
    """The same, of contestants that are ready.

    Raises:
        BenchmarkRefused: they do not answer the same.
    """
    tables, aims = [], []
    for key in plan.cohort.keys:
        found = _timed(plan, key.slug, asks)
        tables.append(_table(f"One upload to one verdict: {key.slug}{plan.ending}", found))
        if peers.BARE in found:
            measured = ratio(found[peers.OURS], found[peers.BARE])
            what = f"upload to verdict, p50 / bare pass: {key.slug}{plan.ending}"
            aims.append(Aim.of_ratio(what, measured, BARE_AIM))
    found = _timed(plan, plan.cohort.slug, asks)
    count = len(plan.cohort.keys)
    title = f"One upload to {count} verdicts: {plan.cohort.slug}{plan.ending}"
    tables.append(_table(title, found))
    if peers.PLAIN in found:
        measured = ratio(found[peers.PLAIN], found[peers.OURS])
        what = f"compare page, p50 of the plain portal / ours{plan.ending}"
        aims.append(Aim.of_ratio(what, measured, PLAIN_AIMS[plan.precision], at_most=False))
    return tables, aims


def _timed(plan: Plan, name: str, asks: Mapping[str, Ask]) -> Mapping[str, np.ndarray]:
    """The seconds of each contestant, once all are seen to answer the same."""
    image = upload(plan.cohort.modality)
    answers = {who: ask(name, image) for who, ask in asks.items()}
    check_same(answers, SAME[plan.precision])
    turns = {
        who: Turn.timed(partial(ask, name, image), SELDOM if who == peers.RELOADING else 1)
        for who, ask in asks.items()
    }
    plan.say(f"{name}: {plan.rounds} rounds of {len(turns)} contestants")
    return in_turns(turns, plan.rounds)


def _table(title: str, found: Mapping[str, np.ndarray]) -> Table:
    mine = found[peers.OURS]
    rows = [
        (
            name,
            *(f"{1000 * np.nanquantile(seconds, quantile):.1f}" for quantile in (0.5, 0.95)),
            *(str(ratio(seconds, mine, quantile)) for quantile in (0.5, 0.95)),
        )
        for name, seconds in found.items()
    ]
    absent = [(name, peers.missing(name)) for name in peers.NEEDS if name not in found]
    return Table(title=title, heads=HEADS, rows=(*rows, *left_out(absent, len(HEADS))))
