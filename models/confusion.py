"""Counts of right and wrong calls."""

import numpy as np

from models.card import ConfusionMatrix


def confusion(labels: np.ndarray, called: np.ndarray) -> ConfusionMatrix:
    """Counts of (n,) labels, 0 or 1, by whether an image was called positive, (n,) bool."""
    true_negative, false_positive, false_negative, true_positive = np.bincount(
        2 * labels.astype(int) + called, minlength=4
    ).tolist()
    return ConfusionMatrix(
        true_negative=true_negative,
        false_positive=false_positive,
        false_negative=false_negative,
        true_positive=true_positive,
    )
