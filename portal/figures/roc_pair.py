"""Two ROC curves in one square drawing."""

from dataclasses import dataclass

from models.card import ModelCard
from portal.figures import numbers
from portal.figures.operating import false_alarms, threshold_text
from portal.figures.scale import SQUARE, Frame, Point, Tick, percent_ticks, share_scales


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCurve:
    """One model's curve and what stands beside its line in the key."""

    title: str  # "VGG16, initially unfrozen"
    auc: str
    points: str  # "x,y x,y ..." for a polyline
    operating: Point  # where the model decides
    threshold: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RocPairFigure:
    """What the template draws; x grows to the right, y downwards."""

    frame: Frame
    curves: tuple[NamedCurve, NamedCurve]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    alt: str


def _curve(card: ModelCard) -> NamedCurve:
    x, y = share_scales(SQUARE)
    pairs = zip(card.roc.false_positive_rate, card.roc.true_positive_rate, strict=True)
    return NamedCurve(
        title=card.key.short_title,
        auc=numbers.decimals(card.metrics["test"]["roc_auc"].value),
        points=" ".join(f"{x(false)},{y(true)}" for false, true in pairs),
        operating=Point(
            x=x(false_alarms(card.best_f1).value),
            y=y(card.best_f1.metrics["test"]["recall"].value),
        ),
        threshold=threshold_text(card.best_f1),
    )


def roc_pair_figure(first: ModelCard, second: ModelCard) -> RocPairFigure:
    """The ROC curves of two models on the same test images."""
    x, y = share_scales(SQUARE)
    one, other = _curve(first), _curve(second)
    return RocPairFigure(
        frame=SQUARE,
        curves=(one, other),
        x_ticks=percent_ticks(x),
        y_ticks=percent_ticks(y),
        alt=(
            f"ROC curves of two models on the same test images: the area under that of {one.title} "
            f"is {one.auc}, under that of {other.title} {other.auc}. A circle on each is the model "
            f"at its own threshold, {one.threshold} and {other.threshold}."
        ),
    )
