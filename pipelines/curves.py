"""Curves of a binary classifier over all its thresholds: ROC, precision-recall, decision."""

from collections.abc import Iterable

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from models.card import DecisionCurve, PrCurve, RocCurve

ACT_FROM = np.round(np.arange(0.05, 0.805, 0.01), 2)  # calibrated probabilities, 0.05 ... 0.80


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


def roc(labels: np.ndarray, probabilities: np.ndarray) -> RocCurve:
    """The ROC curve; its first threshold, above every probability, is written as 1.01.

    Args:
        labels: (n,) 0 or 1, both present.
        probabilities: (n,) in [0, 1].
    """
    fpr, tpr, cuts = roc_curve(labels, probabilities)
    return RocCurve(
        false_positive_rate=_rounded(fpr),
        true_positive_rate=_rounded(tpr),
        thresholds=_rounded(np.minimum(cuts, 1.01)),
    )


def precision_recall(labels: np.ndarray, probabilities: np.ndarray) -> PrCurve:
    """Precision over rising recall; nothing called positive counts as a precision of 1.

    Args:
        labels: (n,) 0 or 1, a 1 among them.
        probabilities: (n,) in [0, 1].
    """
    precision, recall, _ = precision_recall_curve(labels, probabilities, drop_intermediate=True)
    return PrCurve(recall=_rounded(recall[::-1]), precision=_rounded(precision[::-1]))


def decision(labels: np.ndarray, calibrated: np.ndarray) -> DecisionCurve:
    """Net benefit: the share of true positives, less that of false ones at the odds of acting.

    Source: Vickers and Elkin, "Decision curve analysis", Medical Decision Making 26, 2006.

    Args:
        labels: (n,) 0 or 1.
        calibrated: (n,) calibrated probabilities in [0, 1]; one equal to a threshold is acted on.
    """
    positive, odds = labels == 1, ACT_FROM / (1.0 - ACT_FROM)
    acted = calibrated >= ACT_FROM[:, None]
    right, wrong = (acted & positive).mean(axis=1), (acted & ~positive).mean(axis=1)
    return DecisionCurve(
        threshold=_rounded(ACT_FROM),
        model=_rounded(right - wrong * odds),
        act_on_all=_rounded(positive.mean() - (~positive).mean() * odds),
    )
