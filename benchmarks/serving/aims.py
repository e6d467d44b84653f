"""What the portal is to reach, each as a measured number beside its bound."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.serving.ratios import Ratio
from benchmarks.serving.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A bound and what was measured against it."""

    what: str
    measured: float
    bound: float
    at_most: bool = True
    shown: str  # the measured number with its spread and unit

    @property
    def met(self) -> bool:
        """Whether the measured number keeps the bound."""
        return self.measured <= self.bound if self.at_most else self.measured >= self.bound

    @classmethod
    def of_ratio(cls, what: str, ratio: Ratio, bound: float, *, at_most: bool = True) -> "Aim":
        """An aim on a ratio; its interval is shown and does not decide."""
        return cls(what=what, measured=ratio.value, bound=bound, at_most=at_most, shown=str(ratio))


def aims_table(aims: Sequence[Aim]) -> Table:
    """All aims of a run."""
    rows = tuple(
        (
            aim.what,
            f"{'at most' if aim.at_most else 'at least'} {aim.bound:g}",
            aim.shown,
            "met" if aim.met else "not met",
        )
        for aim in aims
    )
    return Table(
        title="What was to be reached",
        heads=("aim", "bound", "measured (95 % interval or range)", "reached"),
        rows=rows,
    )
