"""The area under one ROC curve with its interval, for few images too."""

import numpy as np

from models.card import Estimate
from models.paired_areas import area
from models.wilson import NORMAL_975

_HALVINGS = 60


def area_interval(labels: np.ndarray, probabilities: np.ndarray) -> Estimate:
    """The area under the ROC and its 95 % interval, which holds up to an area of 1.

    It takes images for independent.

    Args:
        labels: (n,) 0 or 1, both present.
        probabilities: (n,) of the same images.
    """
    found = area(labels, probabilities)
    positive = int(np.sum(labels == 1))
    low, high = newcombe(found, positive, len(labels) - positive)
    return Estimate(value=round(found, 6), low=round(low, 6), high=round(high, 6))


def newcombe(found: float, positive: int, negative: int) -> tuple[float, float]:
    """Where the 95 % interval of an area begins and ends.

    Source: method 5 of Newcombe, "Confidence intervals for an effect size measure based on the
    Mann-Whitney statistic, part 2", Statistics in Medicine 25, 2006: the areas from which the one
    found is no farther than 1.96 times the standard error of Hanley and McNeil, Radiology 143,
    1982, that they would have.

    Args:
        found: the area, in [0, 1].
        positive: how many positives it rests on, at least 1.
        negative: how many negatives, at least 1.
    """
    counts = positive, negative
    return _end(found, 0.0, counts), _end(found, 1.0, counts)


def _end(found: float, farthest: float, counts: tuple[int, int]) -> float:
    """The end of the interval between what was found and 0 or 1, by halving."""
    inside, outside = found, farthest
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        if (middle - found) ** 2 <= NORMAL_975**2 * _variance(middle, *counts):
            inside = middle
        else:
            outside = middle
    return inside


def _variance(area_there: float, positive: int, negative: int) -> float:
    """Hanley and McNeil's variance, with the mean of both counts in place of each."""
    others = (positive + negative) / 2 - 1
    spread = (1 - area_there) / (2 - area_there) + area_there / (1 + area_there)
    return area_there * (1 - area_there) * (1 + others * spread) / (positive * negative)
