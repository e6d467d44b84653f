"""Whether the portal answers what Keras answers on TensorFlow: every model, synthetic images."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from benchmarks.serving import peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.images import upload
from benchmarks.serving.plan import Plan
from benchmarks.serving.served import served
from benchmarks.serving.table import Table, left_out
from models.catalogue import Cohort, cohorts
from models.checkpoint import read_card

IMAGES = 10  # of each cohort
ROUNDING = 5e-5  # pages show four decimals
AIMS = {"f32": 1e-4, "bf16": 0.02, "int8": 0.02}  # largest difference of a probability
CHANGED_AIMS = {"f32": 0.0, "bf16": 0.5, "int8": 0.5}  # percent of decisions
HEADS = ("models", "answers", "largest difference", "changed decisions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Both answers of a cohort's models to some images."""

    ours: np.ndarray  # (images, models served) probabilities, with the page's four decimals
    theirs: np.ndarray  # (images, models)
    thresholds: np.ndarray  # (models,)

    def __post_init__(self) -> None:
        shape = (len(self.ours), len(self.thresholds))
        if not self.ours.shape == self.theirs.shape == shape:
            raise BenchmarkRefused(
                expected=f"{shape} answers of both",
                received=f"{self.ours.shape} and {self.theirs.shape}",
                action="See that all models are installed.",
            )

    @property
    def largest(self) -> float:
        """The largest difference of two probabilities, beyond the page's rounding."""
        return float(np.maximum(np.abs(self.ours - self.theirs) - ROUNDING, 0.0).max(initial=0.0))

    @property
    def changed(self) -> int:
        """How many answers lie on the other side of the threshold, beyond the page's rounding."""
        other = (self.ours >= self.thresholds) != (self.theirs >= self.thresholds)
        return int((other & (np.abs(self.theirs - self.thresholds) > ROUNDING)).sum())


NONE = Answers(ours=np.empty((0, 0)), theirs=np.empty((0, 0)), thresholds=np.empty(0))
"""Of a cohort in which every model refuses the precision."""


def measure(plan: Plan) -> tuple[list[Table], list[Aim]]:
    """A row for each cohort, and the aims over all of them."""
    if absent := peers.missing(peers.PLAIN):
        rows = tuple(left_out([(peers.PLAIN, absent)], len(HEADS)))
        return [Table(title=_title(plan), heads=HEADS, rows=rows)], []
    with ExitStack() as stack:
        servers = [peers.ours(plan, plan.folder / "cache"), peers.plain(plan)]
        started = [(peer, stack.enter_context(peer.started())) for peer in servers]
        for _, server in started:
            server.wait()
        found = {}
        for cohort in cohorts():
            plan.say(f"answers of {cohort.slug}")
            given = [served(plan, key) for key in cohort.keys]
            if not any(given):
                found[cohort.slug] = NONE
                continue
            ours, theirs = (
                np.array([peer.ask(server.port, cohort.slug, image) for image in _images(cohort)])
                for peer, server in started
            )
            found[cohort.slug] = Answers(
                ours=ours, theirs=theirs[:, given], thresholds=_thresholds(plan, cohort)[given]
            )
    return judged(plan, found)


def judged(plan: Plan, found: Mapping[str, Answers]) -> tuple[list[Table], list[Aim]]:
    """The same, of answers by cohort."""
    rows = tuple(
        (name, str(each.ours.size), f"{each.largest:.4f}", str(each.changed))
        for name, each in found.items()
    )
    note = (
        "Pages show four decimals; what is within their rounding counts as no difference. A model "
        "that refuses a precision gives no answer at it."
    )
    table = Table(title=_title(plan), heads=HEADS, rows=rows, note=note)
    return [table], _aims(plan, list(found.values()))


def _title(plan: Plan) -> str:
    return f"The same answers: ours at {plan.precision}, Keras on TensorFlow"


def _images(cohort: Cohort) -> list[bytes]:
    return [upload(cohort.modality, seed) for seed in range(IMAGES)]


def _thresholds(plan: Plan, cohort: Cohort) -> np.ndarray:
    cards = (read_card(plan.checkpoints / key.checkpoint) for key in cohort.keys)
    return np.array([card.threshold.value for card in cards])


def _aims(plan: Plan, found: Sequence[Answers]) -> list[Aim]:
    if not any(each.ours.size for each in found):
        return []
    largest = max(each.largest for each in found)
    changed = 100 * sum(each.changed for each in found) / sum(each.ours.size for each in found)
    return [
        Aim(
            what=f"largest difference from Keras on TensorFlow, {plan.precision}",
            measured=largest,
            bound=AIMS[plan.precision],
            shown=f"{largest:.5f}",
        ),
        Aim(
            what=f"changed decisions, {plan.precision}, %",
            measured=changed,
            bound=CHANGED_AIMS[plan.precision],
            shown=f"{changed:.2f}",
        ),
    ]
