"""The ROC curve of a card, as coordinates of a square drawing."""

from dataclasses import dataclass
from itertools import pairwise

from models.card import ModelCard, OperatingPoint
from portal.figures import numbers
from portal.figures.operating import (
    OperatingMark,
    OtherMark,
    false_alarms,
    operating_mark,
    other_marks,
    threshold_text,
)
from portal.figures.scale import SQUARE, Frame, Point, Tick, percent_ticks, share_scales
from portal.figures.thinning import thinned

_PLACES, _MOST_PLACES = 3, 6  # decimals of a threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class RocFigure:
    """What the template draws; x grows to the right, y downwards."""

    frame: Frame
    curve: str  # "x,y x,y ..." for a polyline
    area: str  # the same, closed down to the axis
    operating: OperatingMark
    others: tuple[OtherMark, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    auc: str
    auc_interval: str
    alt: str
    rows: tuple[tuple[str, str, str], ...]  # threshold, false positives, found; in percent


def _alt(card: ModelCard, point: OperatingPoint) -> str:
    auc, found = card.metrics["test"]["roc_auc"], point.metrics["test"]["recall"]
    chance = (
        "better than chance" if auc.low > 0.5 else "not clearly better than chance on this test"
    )
    modality = card.key.modality
    return (
        f"ROC curve, {chance}: the area under it is {numbers.decimals(auc.value)}, "
        f"95 % interval {numbers.interval(auc)}. At the threshold {threshold_text(point)}, "
        f"{numbers.percent(found.value)} of {modality.found} were found and "
        f"{numbers.percent(false_alarms(point).value)} of {modality.spared} were called "
        f"{card.labels[1]}."
    )


def _rows(card: ModelCard) -> tuple[tuple[str, str, str], ...]:
    roc, shown = card.roc, thinned(len(card.roc.thresholds))
    cuts = [round(roc.thresholds[index], _MOST_PLACES) for index in shown]
    places = _places([cut for cut in cuts if cut <= 1])
    return tuple(
        (
            numbers.decimals(cut, places) if cut <= 1 else "above 1",
            numbers.percent(roc.false_positive_rate[index]),
            numbers.percent(roc.true_positive_rate[index]),
        )
        for index, cut in zip(shown, cuts, strict=True)
    )


def _places(cuts: list[float]) -> int:
    """Decimals that tell thresholds apart, and from the hundredths a reader may choose instead."""
    beside = [*pairwise(cuts), *((cut, round(cut, 2)) for cut in cuts)]
    return max((numbers.places_apart(*pair, _PLACES) for pair in beside), default=_PLACES)


def roc_figure(card: ModelCard, point: OperatingPoint) -> RocFigure:
    """The ROC curve on the card's test images, with one of its operating points and intervals."""
    x, y = share_scales(SQUARE)
    pairs = zip(card.roc.false_positive_rate, card.roc.true_positive_rate, strict=True)
    curve = " ".join(f"{x(false)},{y(true)}" for false, true in pairs)
    auc = card.metrics["test"]["roc_auc"]

    def place(other: OperatingPoint) -> Point:
        return Point(x=x(false_alarms(other).value), y=y(other.metrics["test"]["recall"].value))

    return RocFigure(
        frame=SQUARE,
        curve=curve,
        area=f"{x(0)},{y(0)} {curve} {x(1)},{y(0)}",
        operating=operating_mark(point, false_alarms(point), point.metrics["test"]["recall"], x, y),
        others=other_marks(card, point, place),
        x_ticks=percent_ticks(x),
        y_ticks=percent_ticks(y),
        auc=numbers.decimals(auc.value),
        auc_interval=numbers.interval(auc),
        alt=_alt(card, point),
        rows=_rows(card),
    )
