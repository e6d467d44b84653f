"""Spread: how far the calibrated probabilities of several models lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from portal.figures import numbers
from portal.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Calibrated probabilities of one image, one for each model that answered; at least two.

    They can be averaged, as all speak of the same thing; model probabilities cannot.
    """

    values: tuple[float, ...]  # rising, in [0, 1]

    def __post_init__(self) -> None:
        if len(self.values) < 2 or list(self.values) != sorted(self.values):
            raise ValueError(f"expected two or more rising numbers, received {self.values}")

    @property
    def low(self) -> float:
        """The lowest."""
        return self.values[0]

    @property
    def high(self) -> float:
        """The highest."""
        return self.values[-1]

    @property
    def mean(self) -> float:
        """Their mean."""
        return fmean(self.values)

    @property
    def deviation(self) -> float:
        """Their standard deviation, that of a sample."""
        return stdev(self.values)

    @property
    def sentence(self) -> str:
        """Mean and spread in one sentence."""
        low, high = numbers.probability(self.low), numbers.probability(self.high)
        if low == high:
            return f"All calibrated probabilities are {low}."
        return (
            f"The calibrated probabilities have a mean of {numbers.probability(self.mean)} and "
            f"range from {low} to {high} "
            f"(standard deviation {numbers.probability(self.deviation)})."
        )


def spread(verdicts: Sequence[Verdict | None]) -> Spread | None:
    """The spread of those that answered; None where fewer than two did."""
    values = sorted(verdict.calibrated for verdict in verdicts if verdict is not None)
    return Spread(values=tuple(values)) if len(values) > 1 else None
