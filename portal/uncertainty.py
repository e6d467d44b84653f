"""The band of uncertainty: model probabilities that neither clear an image nor mark it.

Below the band few positive images should lie, above it most should be positive, and between the
two a reader decides. Both ends come from validation images alone, as the threshold does.

Sources: a zone between a conclusion for and one against, bounded by a sensitivity below and a
post-test probability above, is the grey zone of Coste and Pouchot, "A grey zone for quantitative
diagnostic and screening tests", International Journal of Epidemiology 32, 2003. What such zones
cost is compared in Landsheer, "The clinical relevance of methods for handling inconclusive
medical test results", Diagnostics 8, 2018.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from models.card import Calibration, ModelCard
from portal.figures import numbers

UNCERTAIN = "Uncertain"
"""The word of a verdict in the band."""

EVEN = 0.5
"""The calibrated probability of an image that is as likely positive as not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many images, where the card's curve tells it only within bounds."""

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise ValueError(f"expected 0 <= least <= most, received {self}")

    def __str__(self) -> str:
        least, most = numbers.count(self.least), numbers.count(self.most)
        if self.least == self.most:
            return least
        return f"at least {least} and at most {most}" if self.least else f"at most {most}"


@dataclass(frozen=True, kw_only=True)
class Band:
    """The model probabilities from ``low`` up to, but without, ``high``; none where they meet."""

    card: ModelCard
    low: float  # in (0, 1)
    high: float  # in (0, 1]
    beside: float | None = None  # the model probability beside which its ends are written

    def __post_init__(self) -> None:
        if not 0.0 < self.low <= self.high <= 1.0:
            raise ValueError(f"expected 0 < low <= high <= 1, received {self.low}, {self.high}")

    def __contains__(self, probability: float) -> bool:
        return self.low <= probability < self.high

    def __bool__(self) -> bool:
        return self.low < self.high

    @property
    def ends(self) -> tuple[str, str]:
        """Both, as they are written."""
        return numbers.limit(self.low, self.beside), numbers.limit(self.high, self.beside)

    @property
    def rule(self) -> str:
        """In words: where the verdict is uncertain, and by what rule just there."""
        return self._told(f" ({self.card.high_sensitivity.threshold.rule})")

    @property
    def place(self) -> str:
        """The same without the rule of the high-sensitivity threshold, which is a formula."""
        return self._told("")

    def _told(self, rule_of_low: str) -> str:
        if not self:
            return (
                "This model has no band of uncertainty: its threshold is its high-sensitivity "
                "threshold, and from there on the calibrated probability is at least 0.5."
            )
        low, high = self.ends
        return (
            f"From a model probability of {low} up to {high} the verdict is {UNCERTAIN}: human "
            f"reading needed. {low} is the high-sensitivity threshold of this "
            f"model{rule_of_low}; {high} is {self._reason_for_high}."
        )

    @property
    def _reason_for_high(self) -> str:
        if self.high > self.card.threshold.value:
            return f"where the calibrated probability reaches {EVEN}"
        return f"the verdict's own threshold, where the calibrated probability exceeds {EVEN}"

    @cached_property
    def experience(self) -> str | None:
        """One sentence: how many test images fell into the band; None where it is empty."""
        if not self:
            return None
        modality, inside = self.card.key.modality, images_inside(self)
        total, positive = sum(self.card.data.counts["test"]), self.card.data.counts["test"][1]
        missed = self.card.high_sensitivity.confusion.false_negative
        least, most = (round(100 * end / total) for end in (inside.all.least, inside.all.most))
        shares = f"{least}" if least == most else f"{least} to {most}"
        return (
            f"Of the {numbers.count(total)} test images, {inside.all} ({shares}\u00a0%) fell into "
            f"this band; {modality.found} among them: {inside.positive}. Below it lay "
            f"{numbers.count(missed)} of {numbers.count(positive)} {modality.found}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Test images inside a band."""

    all: Count
    positive: Count


def band_of(card: ModelCard, beside: float | None = None) -> Band:
    """The band of a model, to be written beside a model probability.

    It begins at the card's high-sensitivity threshold: below, too few positive images are missed
    to doubt the negative verdict more than the card allows. It ends where a positive verdict is
    at least as likely right as wrong: at the deciding threshold, or where the calibrated
    probability reaches 0.5 if that is higher.
    """
    low = min(card.high_sensitivity.threshold.value, card.threshold.value)
    high = max(card.threshold.value, model_probability(card.calibration, EVEN))
    return Band(card=card, low=low, high=high, beside=beside)


def model_probability(calibration: Calibration, calibrated: float) -> float:
    """The model probability that has a calibrated probability in (0, 1): the inverse mapping."""
    logit = math.log(calibrated / (1.0 - calibrated))
    z = (logit - calibration.intercept) / calibration.slope
    return 0.5 * (1.0 + math.tanh(z / 2.0))


def images_inside(band: Band) -> Inside:
    """How many test images fell into a band, from the card's counts and its ROC curve.

    The counts at the two operating points are exact. The curve leaves out points on a straight
    line, so that an end of the band between two of its points is told within these, and no more
    images reach it than the threshold below it.
    """
    card = band.card
    negative, positive = card.data.counts["test"]
    low = card.high_sensitivity.confusion
    hits, false = card.confusion.true_positive, card.confusion.false_positive
    if band.high == card.threshold.value:
        found, alarms = Count(least=hits, most=hits), Count(least=false, most=false)
    else:
        found = _at_or_above(band.high, card, card.roc.true_positive_rate, positive, hits)
        alarms = _at_or_above(band.high, card, card.roc.false_positive_rate, negative, false)
    inside, other = _left(low.true_positive, found), _left(low.false_positive, alarms)
    return Inside(
        all=Count(least=inside.least + other.least, most=inside.most + other.most), positive=inside
    )


def _at_or_above(
    cut: float, card: ModelCard, rates: tuple[float, ...], total: int, most: int
) -> Count:
    """Of ``most`` images of one class those of ``cut`` or more; the thresholds fall."""
    reached = [rate for rate, at in zip(rates, card.roc.thresholds, strict=True) if at >= cut]
    beyond = [rate for rate, at in zip(rates, card.roc.thresholds, strict=True) if at < cut]
    least = round(total * reached[-1]) if reached else 0
    return Count(least=least, most=min(most, round(total * beyond[0]) if beyond else total))


def _left(whole: int, taken: Count) -> Count:
    return Count(least=max(0, whole - taken.most), most=max(0, whole - taken.least))
