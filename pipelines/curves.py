"""Curves of a binary classifier over all its thresholds: ROC, precision-recall, decision."""

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from models.card import DecisionCurve, PrCurve, RocCurve
from pipelines.rounding import rounded

ACT_FROM = np.round(np.arange(0.05, 0.805, 0.01), 2)  # calibrated probabilities, 0.05 ... 0.80


def roc(labels: np.ndarray, probabilities: np.ndarray) -> RocCurve:
    """The ROC curve; its first threshold, above every probability, is written as 1.01.

    Args:
        labels: (n,) 0 or 1, both present.
        probabilities: (n,) in [0, 1].
    """
    fpr, tpr, cuts = roc_curve(labels, probabilities)
    return RocCurve(
        false_positive_rate=rounded(fpr),
        true_positive_rate=rounded(tpr),
        thresholds=rounded(np.minimum(cuts, 1.01)),
    )


def precision_recall(labels: np.ndarray, probabilities: np.ndarray) -> PrCurve:
    """Precision over rising recall; nothing called positive counts as a precision of 1.

    Args:
        labels: (n,) 0 or 1, a 1 among them.
        probabilities: (n,) in [0, 1].
    """
    precision, recall, _ = precision_recall_curve(labels, probabilities, drop_intermediate=True)
    return PrCurve(recall=rounded(recall[::-1]), precision=rounded(precision[::-1]))


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
        threshold=rounded(ACT_FROM),
        model=rounded(right - wrong * odds),
        act_on_all=rounded(positive.mean() - (~positive).mean() * odds),
    )
