"""Two models on the same images: how far their areas under the ROC differ, and how surely."""

import math
from dataclasses import dataclass

import numpy as np

from models.wilson import NORMAL_975

FEW_GROUPS = 10
"""With fewer test groups intervals are rough; with fewer of a label no models are told apart."""

_NO_VARIANCE = 1e-15  # rounding of what is 0
_NO_DIFFERENCE = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaDifference:
    """The areas under the ROC of two models, and their difference with its 95 % interval."""

    first: float  # in [0, 1]
    second: float
    low: float  # of ``value``; in [-1, 1], as is ``high``
    high: float
    p: float  # of the two-sided test that the areas are equal

    @property
    def value(self) -> float:
        """The first area less the second, in [-1, 1]."""
        return self.first - self.second

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0.0 or self.high < 0.0


def groups_of_rarer_label(labels: np.ndarray, groups: np.ndarray) -> int:
    """How many groups have an image of the label that fewer groups have.

    Args:
        labels: (n,) 0 or 1.
        groups: (n,) names.
    """
    return min(len(np.unique(groups[labels == label])) for label in (0, 1))


def area(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The area under the ROC of (n,) probabilities for (n,) labels, 0 or 1, both present."""
    positive = labels == 1
    return float(_placements(positive, probabilities)[positive].mean())


def delong(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> AreaDifference:
    """DeLong's two-sided test that two areas under the ROC are equal.

    It takes images for independent. Where a label has a single image, nothing follows: p is 1.

    Source: DeLong et al., Biometrics 44, 1988; by ranks as in Sun and Xu, "Fast implementation of
    DeLong's algorithm", IEEE Signal Processing Letters 21, 2014.

    Args:
        labels: (n,) 0 or 1, both present.
        first: (n,) probabilities of the first model.
        second: (n,) probabilities of the second model, of the same images in the same order.
    """
    return delong_by_groups(labels, np.arange(len(labels)), first, second)


def delong_by_groups(
    labels: np.ndarray, groups: np.ndarray, first: np.ndarray, second: np.ndarray
) -> AreaDifference:
    """The same where images of a group resemble each other; of single images it is DeLong's.

    Where a label has images of one group only, nothing follows: p is 1.

    Source: Obuchowski, "Nonparametric analysis of clustered ROC curve data", Biometrics 53, 1997.

    Args:
        labels: (n,) 0 or 1, both present.
        groups: (n,) names.
        first: (n,) probabilities of the first model.
        second: (n,) probabilities of the second model, of the same images in the same order.
    """
    positive = labels == 1
    one, other = _placements(positive, first), _placements(positive, second)
    areas = float(one[positive].mean()), float(other[positive].mean())
    parts = one - other
    parts[positive] -= parts[positive].mean()
    parts[~positive] -= parts[~positive].mean()
    variance = _variance(positive, groups, parts)
    low, high, p = _tested(areas[0] - areas[1], variance)
    return AreaDifference(first=areas[0], second=areas[1], low=low, high=high, p=p)


def _placements(positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Each image's part in the area, (n,).

    For a positive image the share of negative ones below it; for a negative image the share of
    positive ones above it; a tie is half.
    """
    over_all = midranks(scores)
    positives, negatives = scores[positive], scores[~positive]
    parts = np.empty(len(scores))
    parts[positive] = (over_all[positive] - midranks(positives)) / len(negatives)
    parts[~positive] = 1.0 - (over_all[~positive] - midranks(negatives)) / len(positives)
    return parts


def midranks(scores: np.ndarray) -> np.ndarray:
    """(n,) ranks from 1 of (n,) numbers; equal ones share the mean of their ranks."""
    _, member, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[member])


def _variance(positive: np.ndarray, groups: np.ndarray, parts: np.ndarray) -> float:
    """The variance of the mean of (n,) centred parts; infinite where nothing can be said."""
    member = np.unique(groups, return_inverse=True)[1]
    by_positive = np.bincount(member, np.where(positive, parts, 0.0))
    by_negative = np.bincount(member, np.where(positive, 0.0, parts))
    with_positive, with_negative = len(set(member[positive])), len(set(member[~positive]))
    if min(with_positive, with_negative) < 2:
        return math.inf
    positives, negatives = int(positive.sum()), int((~positive).sum())
    variance = _of_few(with_positive) * np.sum(by_positive**2) / positives**2
    variance += _of_few(with_negative) * np.sum(by_negative**2) / negatives**2
    both = 2.0 * _of_few(len(by_positive)) * np.sum(by_positive * by_negative)
    return max(0.0, float(variance + both / (positives * negatives)))


def _of_few(groups: int) -> float:
    """The correction of a variance for the number of groups that it is estimated from."""
    return groups / (groups - 1.0)


def _tested(difference: float, variance: float) -> tuple[float, float, float]:
    """The ends of the interval, in [-1, 1], and the p-value."""
    if math.isinf(variance):
        return -1.0, 1.0, 1.0
    if variance < _NO_VARIANCE:
        return difference, difference, 1.0 if abs(difference) < _NO_DIFFERENCE else 0.0
    half = NORMAL_975 * math.sqrt(variance)
    p = math.erfc(abs(difference) / math.sqrt(2.0 * variance))
    return max(-1.0, difference - half), min(1.0, difference + half), p
