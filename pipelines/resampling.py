"""Resampling: whole groups are drawn again and again, as images of a group resemble each other."""

import numpy as np

RESAMPLES = 2000


def group_weights(labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """How often each image counts when groups are drawn with replacement.

    Args:
        labels: (n,) 0 or 1, both present.
        groups: (n,) names.
        seed: of the draws.

    Returns:
        (draws, n) float64, at most 2,000 draws: those with images of one label only are left out.
    """
    names, member = np.unique(groups, return_inverse=True)
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(names), size=(RESAMPLES, len(names)))
    times = np.stack([np.bincount(row, minlength=len(names)) for row in drawn])
    weights = times[:, member].astype(float)
    both = (weights @ (labels == 1) > 0) & (weights @ (labels == 0) > 0)
    return np.asarray(weights[both])


def interval(resampled: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of (draws,) resampled numbers: where they begin and end."""
    low, high = np.percentile(resampled, (2.5, 97.5))
    return float(low), float(high)
