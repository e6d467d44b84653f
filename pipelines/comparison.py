"""Comparison: two models on the same images, and whether these images can tell them apart."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from models.paired_areas import delong, delong_by_groups
from pipelines.resampling import interval, weight_blocks
from pipelines.statistics import all_metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A metric of the first model less that of the second, with its 95 % interval."""

    value: float  # in [-1, 1], as are the others
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0.0 or self.high < 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the same images say of two models.

    The intervals draw whole groups. DeLong's test takes images for independent, which those of a
    group are not, so the same test by whole groups stands beside it, and the larger p counts.
    """

    auc_difference: Difference
    f1_difference: Difference  # each model at its own threshold
    p_auc: float  # of equal areas under the ROC, two-sided: the larger, by image and by group

    @property
    def told_apart(self) -> bool:
        """Whether the interval of the AUC difference excludes 0."""
        return self.auc_difference.excludes_zero


def compare(
    labels: np.ndarray,
    groups: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    thresholds: tuple[float, float],
    seed: int,
) -> Comparison:
    """Compare two models by their probabilities for the same images.

    Args:
        labels: (n,) 0 or 1, both present.
        groups: (n,) names; whole groups are drawn, 2,000 times, with replacement.
        first: (n,) probabilities of the first model, in [0, 1].
        second: (n,) probabilities of the second model, of the same images in the same order.
        thresholds: from which probability on each model says its positive label.
        seed: of the draws.
    """
    labels = labels.astype(int)
    once = np.ones((1, len(labels)))
    differences = [
        _differences(labels, (first, second), thresholds, weights)
        for weights in chain((once,), weight_blocks(labels, groups, seed))
    ]
    areas, scores = map(np.concatenate, zip(*differences, strict=True))
    return Comparison(
        auc_difference=_difference(areas),
        f1_difference=_difference(scores),
        p_auc=max(
            delong(labels, first, second).p, delong_by_groups(labels, groups, first, second).p
        ),
    )


def _differences(
    labels: np.ndarray,
    probabilities: tuple[np.ndarray, np.ndarray],
    thresholds: tuple[float, float],
    weights: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Of the areas under the ROC and of F1, once per draw."""
    one, other = (
        all_metrics(labels, asked, threshold, weights)
        for asked, threshold in zip(probabilities, thresholds, strict=True)
    )
    return one["roc_auc"] - other["roc_auc"], one["f1"] - other["f1"]


def _difference(differences: np.ndarray) -> Difference:
    """The first number is that of all images, the others those of the draws."""
    low, high = interval(differences[1:])
    return Difference(value=float(differences[0]), low=low, high=high)
