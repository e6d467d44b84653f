"""A map of probabilities over a whole image: cells in two hues that meet at the threshold."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from portal.figures import numbers
from portal.figures.probability_bar import Mark, mark

if TYPE_CHECKING:  # these write their numbers with this package
    from portal.sweep import Sweep, Tile

Side = Literal["above", "below"]

_PALEST, _STRONGEST = 0.3, 0.8  # opacities at the threshold, and at 0 or 1
_SLICES = 40  # of the scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A coloured rectangle of the map, in pixels of the image."""

    x: float
    y: float
    width: float
    height: float
    side: Side  # of the threshold
    opacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A piece of the colour scale, in shares of its length."""

    x: str
    width: str
    side: Side
    opacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbabilityMap:
    """What the template draws."""

    cells: tuple[Cell, ...]
    slices: tuple[Slice, ...]
    threshold: Mark
    alt: str


def probability_map(sweep: "Sweep") -> ProbabilityMap:
    """The map of a sweep, and its colour scale."""
    threshold, highest = sweep.threshold, sweep.highest
    return ProbabilityMap(
        cells=tuple(_cell(sweep, tile) for tile in sweep.tiles),
        slices=tuple(_slice(number, threshold) for number in range(_SLICES)),
        threshold=mark(threshold, numbers.decimals(threshold, 2)),
        alt=(
            f"Map of model probabilities over the whole image: {sweep.counted} {threshold:.2f}; "
            f"the highest, {numbers.probability(highest.probability, threshold)}, is the square of "
            f"{highest.region.words}."
        ),
    )


def _cell(sweep: "Sweep", tile: "Tile") -> Cell:
    x, y, width, height = sweep.grid.cell(tile.region)
    side, opacity = _shade(tile.probability, sweep.threshold)
    return Cell(x=x, y=y, width=width, height=height, side=side, opacity=opacity)


def _slice(number: int, threshold: float) -> Slice:
    side, opacity = _shade((number + 0.5) / _SLICES, threshold)
    return Slice(
        x=f"{100 * number / _SLICES:.2f}%",
        width=f"{100 / _SLICES + 0.05:.2f}%",  # a hair more, so that no seam shows
        side=side,
        opacity=opacity,
    )


def _shade(probability: float, threshold: float) -> tuple[Side, float]:
    """The hue of a probability, and how strong it is: the farther from the threshold, the more."""
    above = probability >= threshold
    room = 1.0 - threshold if above else threshold
    share = abs(probability - threshold) / room
    return "above" if above else "below", round(_PALEST + share * (_STRONGEST - _PALEST), 3)
