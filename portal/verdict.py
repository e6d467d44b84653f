"""Verdict: a probability read with a model's own threshold, and what can be expected of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from models.card import Estimate, ModelCard
from models.catalogue import ModelKey
from models.no_skill import positive_share
from models.prediction_table import Predictions
from portal.few_groups import few_groups
from portal.figures import numbers
from portal.figures.operating import complement
from portal.uncertainty import EVEN, UNCERTAIN, Band, band_of

Tone = Literal["positive", "negative", "uncertain"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one model says of one image."""

    key: ModelKey
    card: ModelCard
    probability: float  # of the positive label, in [0, 1]
    tested: Predictions | None = None  # what the model said of its test images, if it is known

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"expected a probability in [0, 1], received {self.probability}")

    @property
    def threshold(self) -> float:
        """The probability from which on this model says its positive label, in (0, 1)."""
        return self.card.threshold.value

    @property
    def positive(self) -> bool:
        """Whether the probability reaches the threshold."""
        return self.probability >= self.threshold

    @property
    def label(self) -> str:
        """The side of the threshold as a word: "Malignant", "No Tumor"."""
        return self.card.labels[self.positive]

    @cached_property
    def band(self) -> Band:
        """Where this model is uncertain."""
        return band_of(self.card, self.probability)

    @cached_property
    def experience(self) -> str | None:
        """How many test images fell into the band; None where it is empty."""
        return self.band.experience(self.tested)

    @property
    def uncertain(self) -> bool:
        """Whether the probability lies in the band of uncertainty."""
        return self.probability in self.band

    @property
    def word(self) -> str:
        """The verdict for the reader: the label, or "Uncertain" in the band."""
        return UNCERTAIN if self.uncertain else self.label

    @property
    def tone(self) -> Tone:
        """How the word is drawn: each has its colour and its shape."""
        if self.uncertain:
            return "uncertain"
        return "positive" if self.positive else "negative"

    @property
    def recall(self) -> Estimate:
        """Share of positive test images that were found at the threshold."""
        return self.card.metrics["test"]["recall"]

    @property
    def specificity(self) -> Estimate:
        """Share of negative test images that were left alone at the threshold."""
        return self.card.metrics["test"]["specificity"]

    @property
    def calibrated(self) -> float:
        """The calibrated probability of the positive label, in [0, 1]; it does not decide."""
        return self.card.calibration.calibrated(self.probability)

    @property
    def calibrated_threshold(self) -> float:
        """Where the threshold lies on the scale of the calibrated probability."""
        return self.card.calibration.calibrated(self.threshold)

    @property
    def written(self) -> str:
        """The probability, with enough decimals beside its threshold and the ends of the band."""
        return numbers.probability(self.probability, self.threshold, self.band.low, self.band.high)

    @property
    def calibrated_written(self) -> str:
        """The calibrated probability, likewise."""
        return numbers.probability(self.calibrated, self.calibrated_threshold, EVEN)

    @property
    def calibrated_threshold_written(self) -> str:
        """The calibrated threshold, likewise beside the calibrated probability."""
        return numbers.probability(self.calibrated_threshold, self.calibrated)

    @property
    def expectation(self) -> str:
        """One sentence: what the calibrated probability says of images like this one."""
        modality, calibration = self.key.modality, self.card.calibration
        share = numbers.percent(positive_share(self.card.data, "validation"))
        error, before = calibration.after.expected_error, calibration.before.expected_error
        places, worse = 2, ""
        if error > before:
            places = numbers.places_apart(error, before, places)
            worse = f", more than the model probability ({before:.{places}f})"
        return (
            f"By the validation images, {numbers.of_hundred(self.calibrated)} of 100 images with "
            f"this model probability would be {modality.found}, where these are as common as there "
            f"({share}). On the test images that was off by {error:.{places}f} on average{worse}."
        )

    @property
    def caution(self) -> str | None:
        """Why not to rely on the intervals of sensitivity and specificity, where there is a why."""
        few = few_groups(self.card)
        return few and f"Both intervals rest on {few} only, and are likely too narrow."

    @property
    def promise(self) -> str:
        """How often the threshold was right on the test images, and whether these are enough."""
        modality = self.key.modality
        in_band = ""
        if self.band:
            low, high = self.band.ends
            in_band = f" From {low} up to {high} the word is {UNCERTAIN}."
        caution = f" {self.caution}" if self.caution else ""
        return (
            f"In the test images {_percent(self.recall)} of {modality.found} reach the threshold, "
            f"and {_percent(complement(self.specificity))} of {modality.spared}.{in_band}{caution}"
        )


def _percent(estimate: Estimate) -> str:
    interval = numbers.percent_interval(estimate)
    return f"{numbers.percent(estimate.value)} (95 % interval {interval})"
