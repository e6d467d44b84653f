"""Comparison: two models on the same images, and whether these images can tell them apart."""

from dataclasses import dataclass

import numpy as np

from models.paired_areas import delong, delong_by_groups
from pipelines.resampling import group_weights, interval
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
    weights = np.vstack((np.ones(len(labels)), group_weights(labels, groups, seed)))
    one, other = (
        all_metrics(labels, probabilities, threshold, weights)
        for probabilities, threshold in zip((first, second), thresholds, strict=True)
    )
    return Comparison(
        auc_difference=_difference(one["roc_auc"] - other["roc_auc"]),
        f1_difference=_difference(one["f1"] - other["f1"]),
        p_auc=max(
            delong(labels, first, second).p, delong_by_groups(labels, groups, first, second).p
        ),
    )


def _difference(differences: np.ndarray) -> Difference:
    """The first number is that of all images, the others those of the draws."""
    low, high = interval(differences[1:])
    return Difference(value=float(differences[0]), low=low, high=high)
