"""The band of uncertainty: model probabilities that neither clear an image nor mark it.

Below the band few positive images should lie, above it most should be positive, and between the
two a reader decides. Both ends come from validation images alone, as the threshold does.

Sources: a zone between a conclusion for and one against, bounded by a sensitivity below and a
post-test probability above, is the grey zone of Coste and Pouchot, "A grey zone for quantitative
diagnostic and screening tests", International Journal of Epidemiology 32, 2003. What such zones
cost is compared in Landsheer, "The clinical relevance of methods for handling inconclusive
medical test results", Diagnostics 8, 2018.
"""

from dataclasses import dataclass

from models.card import ModelCard
from models.prediction_table import Predictions
from portal.figures import numbers

UNCERTAIN = "Uncertain"
"""The word of a verdict in the band."""

EVEN = 0.5
"""The calibrated probability of an image that is as likely positive as not."""


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
            negative, positive = self.card.labels
            return (
                f"This model never says {UNCERTAIN}: below its threshold the verdict is "
                f"{negative}, from there on {positive}."
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

    def experience(self, tested: Predictions | None) -> str | None:
        """One sentence: how many test images fell into the band, and how many positive ones below.

        Args:
            tested: what the model said of them; None: that is not known.

        Returns:
            None where the band is empty.
        """
        if not self:
            return None
        found, (negative, positive) = self.card.key.modality.found, self.card.data.counts["test"]
        missed = self.card.high_sensitivity.confusion.false_negative
        below = f"elow it lay {numbers.count(missed)} of {numbers.count(positive)} {found}"
        if tested is None:
            return f"B{below} of the test images."
        inside = (tested.probabilities >= self.low) & (tested.probabilities < self.high)
        count, total = int(inside.sum()), negative + positive
        return (
            f"Of the {numbers.count(total)} test images, {numbers.count(count)} "
            f"({numbers.percent(count / total)}) fell into this band; {found} among them: "
            f"{numbers.count(int(tested.labels[inside].sum()))}. B{below}."
        )


def band_of(card: ModelCard, beside: float | None = None) -> Band:
    """The band of a model, to be written beside a model probability.

    It begins at the card's high-sensitivity threshold: below, too few positive images are missed
    to doubt the negative verdict more than the card allows. It ends where a positive verdict is
    at least as likely right as wrong: at the deciding threshold, or where the calibrated
    probability reaches 0.5 if that is higher.
    """
    low = min(card.high_sensitivity.threshold.value, card.threshold.value)
    high = max(card.threshold.value, card.calibration.model_probability(EVEN))
    return Band(card=card, low=low, high=high, beside=beside)
