"""Metrics of a binary classifier with intervals from resampled groups."""

from collections.abc import Mapping

import numpy as np

from models.card import METRICS, Estimate
from models.confusion import confusion
from pipelines.resampling import interval, weight_blocks
from pipelines.unmoved import unmoved_interval

GRID = np.round(np.arange(0.01, 1.0, 0.01), 2)
_ROUNDING = 1e-9  # numbers no farther apart are told apart by rounding alone


def best_f1_threshold(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
) -> tuple[float, float]:
    """The threshold of 0.01 ... 0.99 with the best F1, and that F1.

    Where several are best, it is the middle of their longest unbroken row (of the first one, if
    two are as long): the farther a threshold is from where F1 falls, the likelier it is to serve
    images that nobody has seen.

    Args:
        labels: (n,) 0 or 1.
        probabilities: (n,) in [0, 1].
        weights: (n,) above 0, how much an image counts; all alike without them.
    """
    scores = _on_grid(labels, probabilities, weights)["f1"]
    best = np.flatnonzero(scores > scores.max() - _ROUNDING)
    rows = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    widest = max(rows, key=len)
    return float(GRID[widest[len(widest) // 2]]), float(scores.max())


def sensitive_threshold(
    labels: np.ndarray,
    probabilities: np.ndarray,
    sensitivity: float,
    at_most: float,
    weights: np.ndarray | None = None,
) -> tuple[float, float, bool]:
    """The highest threshold of the grid with that sensitivity, its F1, and whether it is so.

    Where none has it, the lowest threshold, which is the most sensitive one.

    Args:
        labels: (n,) 0 or 1, a 1 among them.
        probabilities: (n,) in [0, 1].
        sensitivity: the least share of positive images that must be found, in (0, 1].
        at_most: a threshold of the grid that must not be passed.
        weights: (n,) above 0, how much an image counts; all alike without them.
    """
    found = _on_grid(labels, probabilities, weights)
    enough = np.flatnonzero((found["recall"] > sensitivity - _ROUNDING) & (at_most >= GRID))
    chosen = int(enough[-1]) if len(enough) else 0
    return float(GRID[chosen]), float(found["f1"][chosen]), len(enough) > 0


def _on_grid(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Recall and F1 at every threshold of the grid; a probability equal to one is positive."""
    weights = np.ones(len(labels)) if weights is None else weights
    called = probabilities >= GRID[:, None]
    positive = labels == 1
    hits, marked = (called & positive) @ weights, called @ weights
    total = np.full(len(GRID), weights[positive].sum())
    return {"recall": _ratio(hits, total), "f1": _ratio(2 * hits, marked + total)}


def f1(labels: np.ndarray, decisions: np.ndarray) -> float:
    """F1 of (n,) decisions on (n,) labels, both 0 or 1; 0 without any hit."""
    counts = confusion(labels, decisions)
    hits, wrong = counts.true_positive, counts.false_positive + counts.false_negative
    return 2 * hits / (2 * hits + wrong) if hits else 0.0


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quotients, and 0 where there is no whole."""
    quotient = np.zeros_like(part, dtype=float)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient


def all_metrics(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Every metric of ``models.card.METRICS``, once per draw.

    Args:
        labels: (n,) 0 or 1, both present.
        probabilities: (n,) in [0, 1].
        threshold: from which probability on the decision is positive.
        weights: (draws, n), how often each image counts.

    Returns:
        Metric -> (draws,) values.
    """
    positive, called = labels == 1, probabilities >= threshold
    tp, fp = weights @ (positive & called), weights @ (~positive & called)
    fn, tn = weights @ (positive & ~called), weights @ (~positive & ~called)
    total = weights.sum(axis=1)
    return {
        "accuracy": _ratio(tp + tn, total),
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "specificity": _ratio(tn, tn + fp),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        **_areas(labels, probabilities, weights),
        "brier": _ratio(weights @ (probabilities - labels) ** 2, total),
    }


def _areas(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    """Areas under the ROC (by trapezoids) and the precision-recall curve (average precision)."""
    order = np.argsort(-probabilities, kind="stable")
    last_of_tie = np.append(np.diff(probabilities[order]) != 0, True)
    sorted_weights, positive = weights[:, order], labels[order] == 1
    tp = np.cumsum(sorted_weights * positive, axis=1)[:, last_of_tie]
    fp = np.cumsum(sorted_weights * ~positive, axis=1)[:, last_of_tie]
    more_tp, more_fp = np.diff(tp, prepend=0.0), np.diff(fp, prepend=0.0)
    trapezoids = np.sum(more_fp * (tp - more_tp / 2), axis=1)
    steps = np.sum(more_tp * _ratio(tp, tp + fp), axis=1)
    return {
        "roc_auc": _ratio(trapezoids, tp[:, -1] * fp[:, -1]),
        "pr_auc": _ratio(steps, tp[:, -1]),
    }


def estimates(
    labels: np.ndarray,
    probabilities: np.ndarray,
    groups: np.ndarray,
    threshold: float,
    seed: int,
    weights: np.ndarray | None = None,
) -> Mapping[str, Estimate]:
    """Every metric of ``models.card.METRICS`` with its 95 % interval.

    Draws in which nothing is called have no precision, and are left out of its interval. What no
    draw moves, as a perfect share or that of a single group, has that of ``unmoved_interval``.

    Args:
        labels: (n,) 0 or 1, both present.
        probabilities: (n,) in [0, 1].
        groups: (n,) names; whole groups are drawn, 2,000 times, with replacement.
        threshold: from which probability on the decision is positive.
        seed: of the draws.
        weights: (n,) above 0, how much an image counts; all alike without them.
    """
    labels = labels.astype(int)
    weights = np.ones(len(labels)) if weights is None else weights
    once = all_metrics(labels, probabilities, threshold, weights[np.newaxis])
    blocks = [
        _told(labels, probabilities, threshold, drawn * weights)
        for drawn in weight_blocks(labels, groups, seed)
    ]
    many = {name: np.concatenate([block[name] for block in blocks]) for name in METRICS}
    found = {}
    for name in METRICS:
        value, draws = float(once[name][0]), many[name]
        if len(draws) and np.ptp(draws) > _ROUNDING:
            low, high = interval(draws)
        else:
            low, high = unmoved_interval(name, value, labels, probabilities, threshold, groups)
        found[name] = Estimate(value=round(value, 6), low=round(low, 6), high=round(high, 6))
    return found


def _told(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float, drawn: np.ndarray
) -> dict[str, np.ndarray]:
    """Every metric once per draw, but precision in those alone in which something is called."""
    found = all_metrics(labels, probabilities, threshold, drawn)
    return {**found, "precision": found["precision"][drawn @ (probabilities >= threshold) > 0]}
