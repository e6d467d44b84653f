"""Resampling: whole groups are drawn again and again, as images of a group resemble each other."""

from collections.abc import Iterator

import numpy as np

RESAMPLES = 2000
_NUMBERS = 4_000_000  # of draws times images at a time: 32 MB


def group_weights(labels: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    """How often each image counts when groups are drawn with replacement.

    Args:
        labels: (n,) 0 or 1, both present.
        groups: (n,) names.
        seed: of the draws.

    Returns:
        (draws, n) float64, at most 2,000 draws: those with images of one label only are left out.
    """
    return np.concatenate(list(weight_blocks(labels, groups, seed)))


def weight_blocks(labels: np.ndarray, groups: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """The rows of ``group_weights``, some at a time: all of a large set would fill the memory."""
    names, member = np.unique(groups, return_inverse=True)
    random = np.random.default_rng(seed)
    most = max(1, _NUMBERS // len(labels))
    for first in range(0, RESAMPLES, most):
        rows = min(most, RESAMPLES - first)
        drawn = random.integers(0, len(names), size=(rows, len(names)))
        times = np.stack([np.bincount(row, minlength=len(names)) for row in drawn])
        weights = times[:, member].astype(float)
        both = (weights @ (labels == 1) > 0) & (weights @ (labels == 0) > 0)
        yield np.asarray(weights[both])


def interval(resampled: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of (draws,) resampled numbers: where they begin and end."""
    low, high = np.percentile(resampled, (2.5, 97.5))
    return float(low), float(high)
