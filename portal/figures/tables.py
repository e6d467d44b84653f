"""The numbers of every figure of a model, all of them, as tables for files."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import isfinite
from types import MappingProxyType

from models.card import POINT_METRICS, Estimate, ModelCard, OperatingPoint, Reliability
from models.subgroup_results import AttributeResult

Number = float | int | str | None
Rows = Iterable[Sequence[Number]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A head and its rows."""

    head: tuple[str, ...]
    rows: tuple[tuple[Number, ...], ...]

    def to_csv(self) -> str:
        """As a CSV file; what is not known is empty."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.head)
        writer.writerows(self.rows)
        return text.getvalue()


def _table(head: Sequence[str], rows: Rows) -> Table:
    return Table(head=tuple(head), rows=tuple(tuple(row) for row in rows))


def _roc(card: ModelCard, _point: OperatingPoint) -> Table:
    roc = card.roc
    return _table(
        ("threshold", "false_positive_rate", "true_positive_rate"),
        zip(roc.thresholds, roc.false_positive_rate, roc.true_positive_rate, strict=True),
    )


def _precision_recall(card: ModelCard, _point: OperatingPoint) -> Table:
    return _table(("recall", "precision"), zip(card.pr.recall, card.pr.precision, strict=True))


def _confusion(card: ModelCard, point: OperatingPoint) -> Table:
    counts, (negative, positive) = point.confusion, card.labels
    threshold = point.threshold.value
    return _table(
        ("threshold", "in_truth", "model_said", "images"),
        (
            (threshold, negative, negative, counts.true_negative),
            (threshold, negative, positive, counts.false_positive),
            (threshold, positive, negative, counts.false_negative),
            (threshold, positive, positive, counts.true_positive),
        ),
    )


def _reliability(bins: Reliability) -> Table:
    return _table(
        ("mean_probability", "share_positive", "low", "high", "images"),
        zip(bins.predicted, bins.observed, bins.low, bins.high, bins.count, strict=True),
    )


def _decision(card: ModelCard, _point: OperatingPoint) -> Table:
    curve = card.decision
    return _table(
        ("calibrated_probability", "act_on_model", "act_on_all", "act_on_none"),
        ((*row, 0.0) for row in zip(curve.threshold, curve.model, curve.act_on_all, strict=True)),
    )


def _learning(card: ModelCard, name: str) -> Table:
    history = card.training.history
    curves = zip_longest(history.get(name, ()), history.get(f"val_{name}", ()))
    return _table(
        ("epoch", "training", "validation"),
        ((epoch, *map(_finite, values)) for epoch, values in enumerate(curves, 1)),
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


FIGURES: Mapping[str, Callable[[ModelCard, OperatingPoint], Table]] = MappingProxyType(
    {
        "roc": _roc,
        "precision-recall": _precision_recall,
        "confusion": _confusion,
        "reliability-before": lambda card, _: _reliability(card.calibration.before),
        "reliability-after": lambda card, _: _reliability(card.calibration.after),
        "decision": _decision,
        "learning-loss": lambda card, _: _learning(card, "loss"),
        "learning-auc": lambda card, _: _learning(card, "auc"),
    }
)
"""Name of a figure, as its address has it, -> its numbers at an operating point."""


def thresholds_table(points: Mapping[float, OperatingPoint]) -> Table:
    """Counts and measures on test images at every threshold, with intervals."""
    measures = [f"{name}{end}" for name in POINT_METRICS for end in ("", "_low", "_high")]
    cells = ("true_negative", "false_positive", "false_negative", "true_positive")
    return _table(
        ("threshold", *cells, *measures),
        ((threshold, *_numbers(point, cells)) for threshold, point in points.items()),
    )


def _numbers(point: OperatingPoint, cells: Sequence[str]) -> Sequence[Number]:
    found = (point.metrics["test"][name] for name in POINT_METRICS)
    ends = (end for each in found for end in (each.value, each.low, each.high))
    return (*(getattr(point.confusion, cell) for cell in cells), *ends)


def subgroups_table(result: AttributeResult, point: OperatingPoint) -> Table:
    """Counts and measures on test images in each subgroup of an attribute."""
    shares = ("sensitivity", "specificity", "roc_auc")
    counts = ("groups", "negative", "positive", "true_negative", "true_positive")
    ends = (f"{name}{end}" for name in shares for end in ("", "_low", "_high"))
    return _table(
        ("threshold", "attribute", "subgroup", *counts, *ends),
        (
            (
                point.threshold.value,
                result.attribute.key,
                each.value,
                each.groups,
                each.negative.images,
                each.positive.images,
                each.negative.right,
                each.positive.right,
                *_ends(each.sensitivity),
                *_ends(each.specificity),
                *_ends(each.area),
            )
            for each in result.subgroups
        ),
    )


def _ends(estimate: Estimate | None) -> Sequence[Number]:
    return (estimate.value, estimate.low, estimate.high) if estimate else (None, None, None)
