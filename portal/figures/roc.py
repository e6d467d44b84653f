"""The ROC curve of a card, as coordinates of a square drawing."""

from dataclasses import dataclass

from models.card import ModelCard
from portal.figures import numbers
from portal.figures.scale import Frame, Scale, Tick

FRAME = Frame(width=440, height=440, left=58, right=424, top=16, bottom=382)
_TABLE_ROWS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place in the drawing."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RocFigure:
    """What the template draws; x grows to the right, y downwards."""

    frame: Frame
    curve: str  # "x,y x,y ..." for a polyline
    area: str  # the same, closed down to the axis
    operating: Point
    low: Point  # ends of the intervals around the operating point: x of the false-positive
    high: Point  # rate, y of the sensitivity
    label_above: bool  # the operating point's label stands above it, else below
    label_left: bool
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    auc: str
    auc_interval: str
    threshold: str
    alt: str
    rows: tuple[tuple[str, str, str], ...]  # threshold, false positives, found; in percent


def _alt(card: ModelCard, false_positives: float, found: float) -> str:
    auc = card.metrics["test"]["roc_auc"]
    chance = (
        "better than chance" if auc.low > 0.5 else "not clearly better than chance on this test"
    )
    modality = card.key.modality
    return (
        f"ROC curve, {chance}: the area under it is {numbers.decimals(auc.value)}, "
        f"95 % interval {numbers.interval(auc)}. At the threshold {card.threshold.value:.2f}, "
        f"{numbers.percent(found)} of {modality.found} were found and "
        f"{numbers.percent(false_positives)} of {modality.spared} were called "
        f"{card.labels[1]}."
    )


def _thinned(length: int) -> list[int]:
    """At most ``_TABLE_ROWS`` evenly spread indices, the first and the last among them."""
    if length <= _TABLE_ROWS:
        return list(range(length))
    step = (length - 1) / (_TABLE_ROWS - 1)
    return sorted({round(step * row) for row in range(_TABLE_ROWS)})


def _rows(card: ModelCard) -> tuple[tuple[str, str, str], ...]:
    roc = card.roc
    return tuple(
        (
            numbers.decimals(roc.thresholds[index], 2) if roc.thresholds[index] <= 1 else "above 1",
            numbers.percent(roc.false_positive_rate[index]),
            numbers.percent(roc.true_positive_rate[index]),
        )
        for index in _thinned(len(roc.thresholds))
    )


def roc_figure(card: ModelCard) -> RocFigure:
    """The ROC curve on the card's test images, with its operating point and intervals."""
    x = Scale(low=0, high=1, start=FRAME.left, end=FRAME.right)
    y = Scale(low=0, high=1, start=FRAME.bottom, end=FRAME.top)
    pairs = zip(card.roc.false_positive_rate, card.roc.true_positive_rate, strict=True)
    curve = " ".join(f"{x(false)},{y(true)}" for false, true in pairs)
    test = card.metrics["test"]
    found, spared = test["recall"], test["specificity"]
    false_positives = 1 - spared.value
    ticks = [share / 5 for share in range(6)]
    return RocFigure(
        frame=FRAME,
        curve=curve,
        area=f"{x(0)},{y(0)} {curve} {x(1)},{y(0)}",
        operating=Point(x=x(false_positives), y=y(found.value)),
        low=Point(x=x(1 - spared.high), y=y(found.low)),
        high=Point(x=x(1 - spared.low), y=y(found.high)),
        label_above=found.value < 0.2,
        label_left=false_positives > 0.65,
        x_ticks=tuple(Tick(at=x(share), text=f"{100 * share:.0f}") for share in ticks),
        y_ticks=tuple(Tick(at=y(share), text=f"{100 * share:.0f}") for share in ticks),
        auc=numbers.decimals(test["roc_auc"].value),
        auc_interval=numbers.interval(test["roc_auc"]),
        threshold=numbers.decimals(card.threshold.value, 2),
        alt=_alt(card, false_positives, found.value),
        rows=_rows(card),
    )
