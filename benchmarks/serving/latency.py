"""One upload to one verdict, and to the verdicts of a cohort: all in turns, in the same rounds."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.serving import peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.export import export
from benchmarks.serving.images import tensor, upload
from benchmarks.serving.passes import Pass, onnx_pass, openvino_pass
from benchmarks.serving.plan import Plan
from benchmarks.serving.ratios import ratio
from benchmarks.serving.rounds import Turn, in_turns
from benchmarks.serving.table import Table, left_out
from benchmarks.serving.uploads import Probabilities
from models.catalogue import ModelKey

SELDOM = 10  # of so many rounds, one loads a model
SAME = 1e-3  # largest difference of two answers to one image; pages show four decimals
BARE_AIM = 1.25  # upload to verdict over the bare pass
PLAIN_AIMS = {"f32": 3.0, "bf16": 3.0, "int8": 8.0}  # plain portal over this one, compare page

Ask = Callable[[str, bytes], Probabilities]
"""Name of a model or a cohort, image -> the probability of each model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passes:
    """Bare passes of a cohort, one after another where a cohort is asked for."""

    by_model: Mapping[str, Pass]
    names: Mapping[str, tuple[str, ...]]  # model or cohort -> its models
    prepared: np.ndarray  # (1, 224, 224, 3) float32; decoding is no part of a bare pass

    def __call__(self, name: str, image: bytes) -> Probabilities:
        """The probabilities for the prepared image, whatever ``image`` is."""
        del image
        return tuple(self.by_model[slug](self.prepared) for slug in self.names[name])


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """Tables of the single pages and of the compare page, and the aims they decide."""
    tables, aims = [], []
    with ExitStack() as stack:
        asks = _contestants(plan, stack)
        for key in plan.cohort.keys:
            found = _timed(plan, key.slug, asks)
            tables.append(_table(f"One upload to one verdict: {key.slug}", found, asks))
            aims += _bare_aim(key, found)
        found = _timed(plan, plan.cohort.slug, asks)
        tables.append(_table(f"One upload to three verdicts: {plan.cohort.slug}", found, asks))
        aims += _plain_aim(plan, found)
    return tables, aims


def _contestants(plan: Plan, stack: ExitStack) -> dict[str, Ask]:
    """All that can be asked here, started and listening."""
    plan.say("starting all servers")
    servers = (
        peers.ours(plan, plan.folder / "cache"),
        *(make(plan) for make in (peers.plain, peers.reloading, peers.gradio)),
    )
    asks: dict[str, Ask] = {}
    for peer in (peer for peer in servers if not peers.missing(peer.name)):
        server = stack.enter_context(peer.started())
        server.wait()
        asks[peer.name] = partial(peer.ask, server.port)
    openers: Mapping[str, Callable[[ModelKey], Pass]] = {
        peers.BARE: partial(_openvino, plan),
        peers.ONNX: partial(_onnx, plan),
    }
    for name in (name for name in openers if not peers.missing(name)):
        plan.say(f"exporting for the {name}")
        asks[name] = _passes(plan, openers[name])
    return asks


def _passes(plan: Plan, opener: Callable[[ModelKey], Pass]) -> Passes:
    cohort = plan.cohort
    slugs = tuple(key.slug for key in cohort.keys)
    return Passes(
        by_model={key.slug: opener(key) for key in cohort.keys},
        names={cohort.slug: slugs, **{slug: (slug,) for slug in slugs}},
        prepared=tensor(upload(cohort.modality), cohort.modality),
    )


def _openvino(plan: Plan, key: ModelKey) -> Pass:
    path = export(plan.checkpoints / key.checkpoint, plan.folder / key.slug, "openvino")
    return openvino_pass(path, plan.precision)


def _onnx(plan: Plan, key: ModelKey) -> Pass:
    return onnx_pass(export(plan.checkpoints / key.checkpoint, plan.folder / key.slug, "onnx"))


def _timed(plan: Plan, name: str, asks: Mapping[str, Ask]) -> Mapping[str, np.ndarray]:
    """The seconds of each contestant, once all are seen to answer the same."""
    image = upload(plan.cohort.modality)
    check_same({who: ask(name, image) for who, ask in asks.items()})
    turns = {
        who: Turn.timed(partial(ask, name, image), SELDOM if who == peers.RELOADING else 1)
        for who, ask in asks.items()
    }
    plan.say(f"{name}: {plan.rounds} rounds of {len(turns)} contestants")
    return in_turns(turns, plan.rounds)


def check_same(answers: Mapping[str, Probabilities], tolerance: float = SAME) -> None:
    """Times of different answers are no comparison.

    Raises:
        BenchmarkRefused: two contestants answer differently.
    """
    first = np.array(next(iter(answers.values())))
    for name, answer in answers.items():
        if len(answer) != len(first) or np.abs(first - answer).max() > tolerance:
            raise BenchmarkRefused(
                expected=f"the same probabilities from all: {first.tolist()}",
                received=f"{list(answer)} from {name}",
                action="See that all read the same checkpoints and prepare images alike.",
            )


def _table(title: str, found: Mapping[str, np.ndarray], asks: Mapping[str, Ask]) -> Table:
    mine = found[peers.OURS]
    rows = [
        (
            name,
            f"{1000 * np.nanquantile(seconds, 0.5):.1f}",
            f"{1000 * np.nanquantile(seconds, 0.95):.1f}",
            str(ratio(seconds, mine)),
            str(ratio(seconds, mine, 0.95)),
        )
        for name, seconds in found.items()
    ]
    heads = ("asked", "p50, ms", "p95, ms", "p50 / ours (95 %)", "p95 / ours (95 %)")
    absent = [(name, peers.missing(name)) for name in peers.NEEDS if name not in asks]
    return Table(title=title, heads=heads, rows=tuple(rows + left_out(absent, len(heads))))


def _bare_aim(key: ModelKey, found: Mapping[str, np.ndarray]) -> list[Aim]:
    if peers.BARE not in found:
        return []
    measured = ratio(found[peers.OURS], found[peers.BARE])
    what = f"upload to verdict, p50 / bare pass: {key.slug}"
    return [Aim.of_ratio(what, measured, BARE_AIM)]


def _plain_aim(plan: Plan, found: Mapping[str, np.ndarray]) -> list[Aim]:
    if peers.PLAIN not in found:
        return []
    measured = ratio(found[peers.PLAIN], found[peers.OURS])
    bound = PLAIN_AIMS[plan.precision]
    return [Aim.of_ratio("compare page, plain portal / ours", measured, bound, at_most=False)]
