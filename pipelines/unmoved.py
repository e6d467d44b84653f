"""Intervals of metrics that no draw of groups moves: of perfect ones, and of a single group.

Draws that all give the same number tell nothing of how sure it is.
"""

import numpy as np

from models.area_interval import newcombe
from models.f_star import f1_of, f_star_of
from models.wilson import wilson_of_one


def unmoved_interval(
    metric: str,
    value: float,
    labels: np.ndarray,
    probabilities: np.ndarray,
    threshold: float,
    groups: np.ndarray,
) -> tuple[float, float]:
    """The 95 % interval of a metric, with as many trials as groups hold what it counts.

    Shares have Wilson's; F1 has that of F*, of which it is a function; the area under the
    precision-recall curve, a mean over positive images, has that of a share of them; the area under
    the ROC has Newcombe's. A Brier score, and the area of probabilities that are all the same, are
    told as they are.

    Args:
        metric: one of ``models.card.METRICS``.
        value: what all draws give.
        labels: (n,) 0 or 1, both present.
        probabilities: (n,) in [0, 1].
        threshold: from which probability on the decision is positive.
        groups: (n,) names.
    """
    positive, called = labels == 1, probabilities >= threshold
    if metric == "roc_auc" and np.ptp(probabilities) > 0:
        return newcombe(value, len(set(groups[positive])), len(set(groups[~positive])))
    if metric == "f1":
        low, high = _share(f_star_of(value), groups[positive | called])
        return f1_of(low), f1_of(high)
    counted = {
        "accuracy": np.ones(len(labels), bool),
        "precision": called,
        "recall": positive,
        "specificity": ~positive,
        "pr_auc": positive,
    }
    return _share(value, groups[counted[metric]]) if metric in counted else (value, value)


def _share(share: float, groups: np.ndarray) -> tuple[float, float]:
    """Wilson's interval of a share, each group being one trial; 0 to 1 without any."""
    trials = len(set(groups))
    if not trials:
        return 0.0, 1.0
    low, high = wilson_of_one(share * trials, trials)
    return min(low, share), max(high, share)
