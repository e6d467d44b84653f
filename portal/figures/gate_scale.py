"""How far an image is from the training images: a band, a limit and a mark on one line."""

from dataclasses import dataclass

from models.beside import beside
from models.gate import Gate, Reading
from portal.figures import numbers
from portal.figures.probability_bar import Mark, mark
from portal.figures.width import of_width

_FARTHEST = 3.0  # limits; beyond it a mark stands at the end with an arrow


@dataclass(frozen=True, slots=True, kw_only=True)
class GateScale:
    """What the template draws; lengths are shares of the line's width, so it fits any screen."""

    title: str
    value: Mark
    beyond: bool  # the value lies to the right of what is drawn
    limit: Mark
    passes: str  # where the part begins in which images pass
    passing: str  # its width
    band: str  # where 9 of 10 training images begin
    banded: str  # the width of their band
    start: str  # what the left end is
    end: str  # what the right end is
    alt: str


def gate_scales(gate: Gate, reading: Reading) -> tuple[GateScale, ...]:
    """The scales of one image: its colour where that speaks against it, and its distance."""
    colour = (_colour(gate, reading),) if reading.finding in ("coloured", "colourless") else ()
    return (*colour, _distance(gate, reading))


def _distance(gate: Gate, reading: Reading) -> GateScale:
    low, high = gate.training[1], gate.training[-2]
    shown = min(reading.distance, _FARTHEST)
    distance = beside(reading.distance, 1.0, 2)
    side = "farther than" if reading.distance >= 1.0 else "within"
    return GateScale(
        title="Distance to the training images",
        value=mark(shown / _FARTHEST, distance),
        beyond=reading.distance > _FARTHEST,
        limit=mark(1.0 / _FARTHEST, "1.00"),
        passes="0%",
        passing=of_width(1.0 / _FARTHEST),
        band=of_width(low / _FARTHEST),
        banded=of_width(min(high, _FARTHEST) / _FARTHEST - low / _FARTHEST),
        start="0 their average",
        end="farther",
        alt=(
            f"Distance of this image to the training images: {distance}, {side} the "
            f"limit of 1.00. 9 of 10 training images lie between {low:.2f} and {high:.2f}."
        ),
    )


def _colour(gate: Gate, reading: Reading) -> GateScale:
    least, most = gate.coloured
    low, high = gate.training_colour
    limit = most if reading.finding == "coloured" else least
    side = "above" if reading.finding == "coloured" else "below"
    came, may_pass = numbers.percents_apart(reading.coloured, limit)
    return GateScale(
        title="Share of the image that has colour",
        value=mark(reading.coloured, came),
        beyond=False,
        limit=mark(limit, may_pass),
        passes=of_width(least),
        passing=of_width(most - least),
        band=of_width(low),
        banded=of_width(high - low),
        start="0\u00a0%",
        end="100\u00a0%",
        alt=(
            f"Share of this image that has colour: {came}, {side} the "
            f"limit of {may_pass}. 9 of 10 training images lie between "
            f"{numbers.percent(low)} and {numbers.percent(high)}."
        ),
    )
