"""An operating point on a curve: the chosen one with its intervals, another as a small dot."""

from collections.abc import Callable
from dataclasses import dataclass

from models.card import Estimate, ModelCard, OperatingPoint
from portal.figures import numbers
from portal.figures.scale import Point, Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingMark:
    """The chosen point in a square drawing; ``low`` and ``high`` are the ends of its intervals."""

    at: Point
    low: Point
    high: Point
    threshold: str
    title: str
    label_above: bool
    label_left: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMark:
    """A point of the same card that is not chosen."""

    at: Point
    threshold: str
    title: str


def operating_mark(
    point: OperatingPoint, across: Estimate, up: Estimate, x: Scale, y: Scale
) -> OperatingMark:
    """The chosen point, where ``across`` runs along the horizontal axis and ``up`` upwards."""
    return OperatingMark(
        at=Point(x=x(across.value), y=y(up.value)),
        low=Point(x=x(across.low), y=y(up.low)),
        high=Point(x=x(across.high), y=y(up.high)),
        threshold=threshold_text(point),
        title=point.title,
        label_above=up.value < 0.2,
        label_left=across.value > 0.65,
    )


def other_marks(
    card: ModelCard, chosen: OperatingPoint, place: Callable[[OperatingPoint], Point]
) -> tuple[OtherMark, ...]:
    """The card's points at another threshold than the chosen one, each where ``place`` says."""
    return tuple(
        OtherMark(at=place(point), threshold=threshold_text(point), title=point.title)
        for point in card.points.values()
        if point.threshold.value != chosen.threshold.value
    )


def threshold_text(point: OperatingPoint) -> str:
    """A point's threshold with two decimals."""
    return numbers.decimals(point.threshold.value, 2)


def false_alarms(point: OperatingPoint, part: str = "test") -> Estimate:
    """Share of negative images that are called positive at a point."""
    return complement(point.metrics[part]["specificity"])


def complement(estimate: Estimate) -> Estimate:
    """What is left of 1, with its interval."""
    return Estimate(value=1 - estimate.value, low=1 - estimate.high, high=1 - estimate.low)
