"""All that can be asked for a verdict on this machine: servers that listen, and bare passes."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.serving import peers
from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.export import as_onnx, as_served
from benchmarks.serving.images import tensor, upload
from benchmarks.serving.passes import Pass, onnx_pass, openvino_pass
from benchmarks.serving.plan import Plan
from benchmarks.serving.uploads import Probabilities
from models.catalogue import ModelKey

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


def contestants(plan: Plan, stack: ExitStack) -> Mapping[str, Ask]:
    """Everything that is installed, ours first; the servers end with ``stack``."""
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


def check_same(answers: Mapping[str, Probabilities], tolerance: float) -> None:
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


def _passes(plan: Plan, opener: Callable[[ModelKey], Pass]) -> Passes:
    cohort = plan.cohort
    slugs = tuple(key.slug for key in cohort.keys)
    return Passes(
        by_model={key.slug: opener(key) for key in cohort.keys},
        names={cohort.slug: slugs, **{slug: (slug,) for slug in slugs}},
        prepared=tensor(upload(cohort.modality), cohort.modality),
    )


def _openvino(plan: Plan, key: ModelKey) -> Pass:
    path = as_served(plan.checkpoints / key.checkpoint, plan.folder / key.slug, plan.precision)
    return openvino_pass(path, plan.precision)


def _onnx(plan: Plan, key: ModelKey) -> Pass:
    return onnx_pass(as_onnx(plan.checkpoints / key.checkpoint, plan.folder / key.slug))
