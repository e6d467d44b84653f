"""One bar from 0 to 1: the model probability as a mark, the threshold as a line."""

from dataclasses import dataclass
from typing import Literal

from portal.figures import numbers

Anchor = Literal["start", "middle", "end"]

_NEAR_AN_END = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A labelled place on the bar."""

    x: str  # share of the bar's width: "83.1%"
    anchor: Anchor  # which end of the label stands at ``x``, so that it stays on the page
    text: str  # "0.83"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityBar:
    """What the template draws; lengths are shares of the bar's width, so it fits any screen."""

    probability: Mark  # labelled above the bar
    threshold: Mark  # labelled below it: the two labels cannot meet
    rest: str  # width of the part from the threshold to 1
    positive: bool
    alt: str


def _mark(share: float, text: str) -> Mark:
    anchor: Anchor = "middle"
    if share < _NEAR_AN_END:
        anchor = "start"
    elif share > 1 - _NEAR_AN_END:
        anchor = "end"
    return Mark(x=f"{100 * share:.1f}%", anchor=anchor, text=text)


def probability_bar(
    probability: float, threshold: float, labels: tuple[str, str]
) -> ProbabilityBar:
    """The bar of one verdict.

    Args:
        probability: the model's output, in [0, 1].
        threshold: from which on the positive label is given, in (0, 1).
        labels: (negative, positive).

    Raises:
        ValueError: either number is outside [0, 1].
    """
    if not (0.0 <= probability <= 1.0 and 0.0 <= threshold <= 1.0):
        raise ValueError(f"expected numbers in [0, 1], received {probability} and {threshold}")
    positive = probability >= threshold
    text = numbers.probability(probability, threshold)
    side = "at or above" if positive else "below"
    return ProbabilityBar(
        probability=_mark(probability, text),
        threshold=_mark(threshold, numbers.decimals(threshold, 2)),
        rest=f"{100 * (1 - threshold):.1f}%",
        positive=positive,
        alt=(
            f"Model probability {text}, {side} the threshold {threshold:.2f}: "
            f"{labels[positive]}. The bar runs from 0 ({labels[0]}) to 1 ({labels[1]})."
        ),
    )
