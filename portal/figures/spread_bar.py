"""Mean and range of several probabilities on the axis from 0 to 1."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.figures import numbers
from portal.figures.probability_bar import Mark, mark
from portal.figures.width import of_width

if TYPE_CHECKING:  # it writes its numbers with this package
    from portal.spread import Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadBar:
    """What the template draws; lengths are shares of the bar's width."""

    ticks: tuple[str, ...]  # where the values lie
    low: str
    width: str
    mean: Mark
    alt: str


def spread_bar(spread: "Spread") -> SpreadBar:
    """The bar of a spread."""
    mean = numbers.probability(spread.mean)
    low, high = numbers.probability(spread.low), numbers.probability(spread.high)
    return SpreadBar(
        ticks=tuple(of_width(value) for value in spread.values),
        low=of_width(spread.low),
        width=of_width(spread.high - spread.low),
        mean=mark(spread.mean, f"mean {mean}"),
        alt=f"Calibrated probabilities of {len(spread.values)} models: from {low} to {high}, "
        f"mean {mean}.",
    )
