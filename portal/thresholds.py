"""Every threshold from 0.01 to 0.99 as an operating point: what follows from it, with intervals."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from models.card import ConfusionMatrix, Estimate, ModelCard, OperatingPoint, Threshold
from models.f_star import f1_of
from models.prediction_table import Predictions
from models.wilson import wilson

THRESHOLDS = tuple(step / 100 for step in range(1, 100))
CHOSEN = "Your choice"
RULE = "chosen here; Wilson's intervals, which take images for independent"

Counts = Mapping[str, np.ndarray]
"""Name of a cell of the confusion matrix -> (99,) counts, one for each threshold."""


def points(card: ModelCard, parts: Mapping[str, Predictions]) -> Mapping[float, OperatingPoint]:
    """Threshold -> its operating point; the card's own, with its intervals, where it has one."""
    counts = {part: _counts(one) for part, one in parts.items()}
    metrics = {part: _metrics(one) for part, one in counts.items()}
    own = {point.threshold.value: point for point in reversed(tuple(card.points.values()))}
    return {
        threshold: own.get(threshold) or _point(index, counts["test"], metrics)
        for index, threshold in enumerate(THRESHOLDS)
    }


def _point(
    index: int, counts: Counts, metrics: Mapping[str, Mapping[str, tuple[Estimate, ...]]]
) -> OperatingPoint:
    return OperatingPoint(
        title=CHOSEN,
        threshold=Threshold(
            value=THRESHOLDS[index],
            rule=RULE,
            validation_f1=metrics["validation"]["f1"][index].value,
        ),
        metrics={
            part: {name: estimates[index] for name, estimates in found.items()}
            for part, found in metrics.items()
        },
        confusion=ConfusionMatrix(**{name: int(each[index]) for name, each in counts.items()}),
    )


@cache
def _grid() -> np.ndarray:
    return np.array(THRESHOLDS)[:, None]


def _counts(part: Predictions) -> Counts:
    """The confusion matrix at every threshold; a probability equal to one is positive."""
    called, positive = part.probabilities >= _grid(), part.labels == 1
    return {
        "true_negative": (~called & ~positive) @ part.weights,
        "false_positive": (called & ~positive) @ part.weights,
        "false_negative": (~called & positive) @ part.weights,
        "true_positive": (called & positive) @ part.weights,
    }


def _metrics(counts: Counts) -> Mapping[str, tuple[Estimate, ...]]:
    """``models.card.POINT_METRICS`` at every threshold, with Wilson's intervals."""
    tn, fp = counts["true_negative"], counts["false_positive"]
    fn, tp = counts["false_negative"], counts["true_positive"]
    return {
        "accuracy": _estimates(*_shares(tp + tn, tn + fp + fn + tp)),
        "precision": _estimates(*_shares(tp, tp + fp)),
        "recall": _estimates(*_shares(tp, tp + fn)),
        "specificity": _estimates(*_shares(tn, tn + fp)),
        "f1": _estimates(*map(f1_of, _shares(tp, tp + fp + fn))),
    }


def _shares(part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(99,) shares and the ends of their intervals; of nothing it is 0, somewhere in [0, 1]."""
    some = np.where(whole > 0, whole, 1.0)
    low, high = wilson(part, some)
    return part / some, np.where(whole > 0, low, 0.0), np.where(whole > 0, high, 1.0)


def _estimates(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[Estimate, ...]:
    """Rounded as in a card."""
    return tuple(
        Estimate(value=round(float(a), 6), low=round(float(b), 6), high=round(float(c), 6))
        for a, b, c in zip(values, low, high, strict=True)
    )
