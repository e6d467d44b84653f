"""Verdict: a probability read with a model's own threshold, and what that threshold promises."""

from dataclasses import dataclass

from models.card import Estimate, ModelCard
from models.catalogue import ModelKey
from portal.figures import numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one model says of one image."""

    key: ModelKey
    card: ModelCard
    probability: float  # of the positive label, in [0, 1]

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
        """The word for the reader: "Malignant", "No Tumor"."""
        return self.card.labels[self.positive]

    @property
    def recall(self) -> Estimate:
        """Share of positive test images that were found at the threshold."""
        return self.card.metrics["test"]["recall"]

    @property
    def specificity(self) -> Estimate:
        """Share of negative test images that were left alone at the threshold."""
        return self.card.metrics["test"]["specificity"]

    @property
    def meaning(self) -> str:
        """One sentence: the probability beside the threshold."""
        relation = "reaches" if self.positive else "stays below"
        return (
            f"The model's probability for {self.card.labels[1]} is "
            f"{numbers.probability(self.probability, self.threshold)}; "
            f"it {relation} the threshold of {numbers.decimals(self.threshold, 2)}."
        )

    @property
    def promise(self) -> str:
        """One sentence: how often the threshold was right on the test images."""
        modality, called = self.key.modality, self.card.labels[1]
        return (
            f"At this threshold {_percent(self.recall)} of {modality.found} in the test images "
            f"were found, and {_percent(_complement(self.specificity))} of {modality.spared} "
            f"were called {called}."
        )


def _complement(estimate: Estimate) -> Estimate:
    return Estimate(value=1 - estimate.value, low=1 - estimate.high, high=1 - estimate.low)


def _percent(estimate: Estimate) -> str:
    interval = numbers.percent_interval(estimate)
    return f"{numbers.percent(estimate.value)} (95 % interval {interval})"
