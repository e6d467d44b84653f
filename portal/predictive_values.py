"""Predictive values of an operating point where positive images are as common as a reader says."""

import math
from dataclasses import dataclass

from models.card import ConfusionMatrix, Estimate, ModelCard
from models.no_skill import positive_share
from models.wilson import wilson_of_one
from portal.figures.operating import complement

LOWEST, HIGHEST = 0.001, 0.999  # prevalence


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveValues:
    """What a verdict is worth at a prevalence."""

    prevalence: float  # share of positive images, in [LOWEST, HIGHEST]
    positive: Estimate | None  # of the images called positive, those that are; None: none is called
    negative: Estimate | None  # of the images called negative, those that are; None: none is called
    found: int  # of 1,000 images: positive and called so
    missed: int  # positive and not called so
    alarms: int  # negative and called positive
    passed: int  # negative and not called positive


def usual_prevalence(card: ModelCard) -> float:
    """The share of positive test images, with three decimals, where a reader gives none."""
    return min(max(round(positive_share(card.data), 3), LOWEST), HIGHEST)


def predictive_values(counts: ConfusionMatrix, prevalence: float) -> PredictiveValues:
    """Predictive values by Bayes' rule from sensitivity and specificity on test images.

    Their intervals follow from Wilson's, which take images for independent.

    Args:
        counts: of test images, with positive and negative ones among them.
        prevalence: share of positive images, in [LOWEST, HIGHEST].
    """
    found = _share(counts.true_positive, counts.false_negative)
    passed = _share(counts.true_negative, counts.false_positive)
    odds, positives = prevalence / (1.0 - prevalence), round(1000 * prevalence)
    hits, alarms = round(positives * found.value), round((1000 - positives) * (1 - passed.value))
    return PredictiveValues(
        prevalence=prevalence,
        positive=_value(complement(passed), found, odds),
        negative=_value(complement(found), passed, 1.0 / odds),
        found=hits,
        missed=positives - hits,
        alarms=alarms,
        passed=1000 - positives - alarms,
    )


def _share(part: int, rest: int) -> Estimate:
    low, high = wilson_of_one(part, part + rest)
    return Estimate(value=part / (part + rest), low=low, high=high)


def _value(wrong: Estimate, right: Estimate, odds: float) -> Estimate | None:
    """Right * odds / (right * odds + wrong): it falls as the quotient of wrong and right rises."""
    if wrong.value == right.value == 0.0:
        return None
    low, high = quotient_interval(wrong, right)
    value = right.value * odds / (right.value * odds + wrong.value)
    return Estimate(value=value, low=1.0 / (1.0 + high / odds), high=1.0 / (1.0 + low / odds))


def quotient_interval(above: Estimate, below: Estimate) -> tuple[float, float]:
    """Where the 95 % interval of a quotient of two independent shares begins and ends.

    The end is infinite where the lower share may be 0.

    Source: the method of variance estimates recovery in Donner and Zou, "Closed-form confidence
    intervals for functions of the normal mean and standard deviation", Statistical Methods in
    Medical Research 21, 2012.
    """
    product = above.value * below.value
    of_low = above.low * (2 * above.value - above.low)
    of_high = below.high * (2 * below.value - below.high)
    denominator = product + math.sqrt(max(0.0, product**2 - of_low * of_high))
    low = of_low / denominator if of_low > 0.0 else 0.0
    to_high = above.high * (2 * above.value - above.high)
    to_low = below.low * (2 * below.value - below.low)
    if to_low <= 0.0:
        return low, math.inf
    return low, (product + math.sqrt(max(0.0, product**2 - to_high * to_low))) / to_low
