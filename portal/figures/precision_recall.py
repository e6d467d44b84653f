"""The precision-recall curve of a card, as coordinates of a square drawing."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from models.card import ModelCard, OperatingPoint
from models.no_skill import positive_share
from portal.figures import numbers
from portal.figures.operating import (
    OperatingMark,
    OtherMark,
    operating_mark,
    other_marks,
    threshold_text,
)
from portal.figures.scale import SQUARE, Frame, Point, Tick, percent_ticks, share_scales
from portal.figures.thinning import thinned


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionRecallFigure:
    """What the template draws; x grows to the right, y downwards."""

    frame: Frame
    curve: str  # "x,y x,y ..." for a polyline
    area: str  # the same, closed down to the axis
    baseline: float  # y of the share of positive images
    share: str  # the share itself, in whole percents
    operating: OperatingMark
    others: tuple[OtherMark, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    auc: str
    auc_interval: str
    alt: str
    rows: tuple[tuple[str, str], ...]  # found, right among those called positive; in percent


def _steps(card: ModelCard) -> Iterator[tuple[float, float]]:
    """The curve as steps: between two recalls, precision is that of the higher recall."""
    points = list(zip(card.pr.recall, card.pr.precision, strict=True))
    yield points[0]
    for (before, _), (recall, precision) in pairwise(points):
        yield before, precision
        yield recall, precision


def _alt(card: ModelCard, point: OperatingPoint) -> str:
    auc, test = card.metrics["test"]["pr_auc"], point.metrics["test"]
    modality = card.key.modality
    return (
        f"Precision-recall curve: the area under it is {numbers.decimals(auc.value)}, 95 % "
        f"interval {numbers.interval(auc)}; no skill has "
        f"{numbers.percent(positive_share(card.data))}. "
        f"At the threshold {threshold_text(point)}, {numbers.percent(test['recall'].value)} of "
        f"{modality.found} were found, and {numbers.percent(test['precision'].value)} of the "
        f"images called {card.labels[1]} were {modality.found}."
    )


def precision_recall_figure(card: ModelCard, point: OperatingPoint) -> PrecisionRecallFigure:
    """The precision-recall curve on the card's test images, with one of its operating points."""
    x, y = share_scales(SQUARE)
    curve = " ".join(f"{x(recall)},{y(precision)}" for recall, precision in _steps(card))
    auc, test = card.metrics["test"]["pr_auc"], point.metrics["test"]
    share = positive_share(card.data)
    recall, precision = card.pr.recall, card.pr.precision

    def place(other: OperatingPoint) -> Point:
        found = other.metrics["test"]
        return Point(x=x(found["recall"].value), y=y(found["precision"].value))

    return PrecisionRecallFigure(
        frame=SQUARE,
        curve=curve,
        area=f"{x(recall[0])},{y(0)} {curve} {x(recall[-1])},{y(0)}",
        baseline=y(share),
        share=numbers.percent(share),
        operating=operating_mark(point, test["recall"], test["precision"], x, y),
        others=other_marks(card, point, place),
        x_ticks=percent_ticks(x),
        y_ticks=percent_ticks(y),
        auc=numbers.decimals(auc.value),
        auc_interval=numbers.interval(auc),
        alt=_alt(card, point),
        rows=tuple(
            (numbers.percent(recall[index]), numbers.percent(precision[index]))
            for index in thinned(len(recall))
        ),
    )
