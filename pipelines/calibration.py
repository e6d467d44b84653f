"""Calibration: from a model's probability to one that says how often the label is positive."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from models.card import EPSILON, Reliability
from models.wilson import wilson
from pipelines.rounding import rounded

METHOD = "Platt scaling on validation"
MIN_SLOPE = 0.01  # so that the order of images stays, even where a model knows nothing


def _logit(probabilities: np.ndarray) -> np.ndarray:
    return np.asarray(logit(np.clip(probabilities, EPSILON, 1.0 - EPSILON)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Platt:
    """sigmoid(slope * logit(probability) + intercept), the form that ``models.card`` keeps."""

    slope: float  # MIN_SLOPE or more
    intercept: float

    def calibrated(self, probabilities: np.ndarray) -> np.ndarray:
        """(n,) calibrated probabilities of (n,) model probabilities, all in [0, 1]."""
        return np.asarray(expit(self.slope * _logit(probabilities) + self.intercept))


def fit_platt(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
) -> Platt:
    """The Platt scaling of the greatest likelihood, rounded as the card holds it.

    Targets are a little inside of 0 and 1, so that labels which the model separates without a
    mistake, or which all are alike, still give a finite slope.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999.

    Args:
        labels: (n,) 0 or 1, of validation images.
        probabilities: (n,) the model's, in [0, 1].
        weights: (n,) above 0, how much an image counts; all alike without them.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    positive, shares = labels == 1, weights / weights.sum()
    high = (weights[positive].sum() + 1.0) / (weights[positive].sum() + 2.0)
    low = 1.0 / (weights[~positive].sum() + 2.0)
    targets, logits = np.where(positive, high, low), _logit(probabilities)

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        z = line[0] * logits + line[1]
        error = expit(z) - targets
        return float(shares @ (np.logaddexp(0.0, z) - targets * z)), np.array(
            [shares @ (error * logits), shares @ error]
        )

    found = minimize(
        loss,
        (1.0, 0.0),
        jac=True,
        method="L-BFGS-B",
        bounds=((MIN_SLOPE, None), (None, None)),
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000},
    )
    slope, intercept = found.x
    return Platt(slope=round(float(slope), 5), intercept=round(float(intercept), 5))


def bins_for(count: int) -> int:
    """How many bins so many images make: 5 to 8, of a dozen images or more where there are."""
    return min(8, max(5, count // 12))


def reliability(labels: np.ndarray, probabilities: np.ndarray) -> Reliability:
    """What was said and what came true, in bins that hold about as many images each.

    Wilson's intervals take images for independent.

    Args:
        labels: (n,) 0 or 1.
        probabilities: (n,) in [0, 1]; equal ones share a bin, so that there may be fewer bins.
    """
    bins, ordered = bins_for(len(labels)), np.sort(probabilities)
    edges = ordered[(len(labels) - 1) * np.arange(1, bins) // bins]  # no rounding: the same bins
    member = np.searchsorted(edges, probabilities)  # before and after calibration
    used = np.unique(member)
    predicted = np.array([probabilities[member == each].mean() for each in used])
    positive = np.array([int(np.sum(labels[member == each] == 1)) for each in used])
    count = np.array([int(np.sum(member == each)) for each in used])
    low, high = wilson(positive, count)
    off = float(np.sum(count * np.abs(predicted - positive / count)) / count.sum())
    return Reliability(
        predicted=rounded(predicted),
        observed=rounded(positive / count),
        low=rounded(low),
        high=rounded(high),
        count=tuple(count.tolist()),
        expected_error=round(off, 6),
    )
