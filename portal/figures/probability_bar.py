"""One bar from 0 to 1: the model probability as a mark, the threshold as a line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from portal.figures import numbers
from portal.figures.width import of_width

if TYPE_CHECKING:  # these write their numbers with this package
    from portal.uncertainty import Band
    from portal.verdict import Tone, Verdict

Anchor = Literal["start", "middle", "end"]

_NEAR_AN_END = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A labelled place on the bar."""

    x: str  # share of the bar's width: "83.1%"
    anchor: Anchor  # which end of the label stands at ``x``, so that it stays on the page
    text: str  # "0.83"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A labelled part of the bar."""

    x: str
    width: str
    label: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityBar:
    """What the template draws; lengths are shares of the bar's width, so it fits any screen."""

    probability: Mark  # labelled above the bar
    threshold: Mark  # labelled below it: the two labels cannot meet
    rest: str  # width of the part from the threshold to 1
    band: Stretch | None  # where the verdict is uncertain
    tone: "Tone"  # of the mark
    alt: str


def mark(share: float, text: str) -> Mark:
    """A label at a share of the bar's width, in [0, 1], that stays on the page."""
    anchor: Anchor = "middle"
    if share < _NEAR_AN_END:
        anchor = "start"
    elif share > 1 - _NEAR_AN_END:
        anchor = "end"
    return Mark(x=of_width(share), anchor=anchor, text=text)


def probability_bar(verdict: "Verdict") -> ProbabilityBar:
    """The bar of one verdict, with the band in which it would be uncertain."""
    threshold, labels = verdict.threshold, verdict.card.labels
    text = verdict.written
    side = "at or above" if verdict.positive else "below"
    word = f"{verdict.word}, leaning to {verdict.label}" if verdict.uncertain else verdict.word
    band = _stretch(verdict.band)
    return ProbabilityBar(
        probability=mark(verdict.probability, text),
        threshold=mark(threshold, numbers.decimals(threshold, 2)),
        rest=of_width(1 - threshold),
        band=band,
        tone=verdict.tone,
        alt=(
            f"Model probability {text}, {side} the threshold {threshold:.2f}: {word}. "
            f"The bar runs from 0 ({labels[0]}) to 1 ({labels[1]})"
            f"{f'; {band.label.text}' if band else ''}."
        ),
    )


def _stretch(band: "Band") -> Stretch | None:
    if not band:
        return None
    low, high = band.ends
    return Stretch(
        x=of_width(band.low),
        width=of_width(band.high - band.low),
        label=mark(_end_of(band), f"uncertain from {low} to {high}"),
    )


def _end_of(band: "Band") -> float:
    """Where the label of a band stands: at its middle, or at its end that is nearer to the bar's.

    From there the label runs inwards, along the band.
    """
    middle = (band.low + band.high) / 2
    if middle < _NEAR_AN_END:
        return band.low
    return band.high if middle > 1 - _NEAR_AN_END else middle
