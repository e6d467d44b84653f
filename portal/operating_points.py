"""The operating points of a card as a reader chooses between them: what each means, in words."""

from dataclasses import dataclass

from models.card import Estimate, ModelCard, OperatingPoint
from models.specs import ModalitySpec
from portal.figures import numbers
from portal.figures.operating import false_alarms

OWN = "your-choice"
"""The name of a threshold that is none of the card's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointChoice:
    """One operating point beside the one that decides the portal's verdicts."""

    name: str  # in addresses: "high-sensitivity"
    point: OperatingPoint
    deciding: OperatingPoint
    modality: ModalitySpec

    @property
    def decides(self) -> bool:
        """Whether the portal's verdicts are made at this point."""
        return self.point == self.deciding

    @property
    def own(self) -> bool:
        """Whether a reader chose the threshold, not the card."""
        return self.name == OWN

    @property
    def found(self) -> Estimate:
        """Share of positive test images that are found."""
        return self.point.metrics["test"]["recall"]

    @property
    def false_alarms(self) -> Estimate:
        """Share of negative test images that are called positive."""
        return false_alarms(self.point)

    @property
    def meaning(self) -> str:
        """What to expect of 100 images of each class, in two sentences."""
        found, alarms = _of_hundred(self.found), _of_hundred(self.false_alarms)
        return (
            f"Of 100 {self.modality.found}, about {found} are found (95 % interval "
            f"{numbers.percent_interval(self.found)}) and {100 - found} missed. Of 100 "
            f"{self.modality.spared}, about {alarms} are called {self.modality.labels[1]} "
            f"({numbers.percent_interval(self.false_alarms)}): false alarms."
        )

    @property
    def difference(self) -> str | None:
        """What it costs and brings beside the deciding point, a sentence; None for that point."""
        if self.decides:
            return None
        other = self.deciding
        found = _of_hundred(self.found) - _of_hundred(other.metrics["test"]["recall"])
        alarms = _of_hundred(self.false_alarms) - _of_hundred(false_alarms(other))
        return (
            f"Beside {other.title} that is {_change(found, 'finding')} and "
            f"{_change(alarms, 'false alarm')} in 100 images of each class."
        )


def point_choices(card: ModelCard) -> tuple[PointChoice, ...]:
    """The operating points of a card, the deciding one first."""
    return tuple(
        PointChoice(name=name, point=point, deciding=card.best_f1, modality=card.key.modality)
        for name, point in card.points.items()
    )


def _of_hundred(estimate: Estimate) -> int:
    return round(100 * estimate.value)


def _change(number: int, noun: str) -> str:
    if number == 0:
        return f"as many {noun}s"
    plural = "" if abs(number) == 1 else "s"
    return f"{abs(number)} {noun}{plural} {'more' if number > 0 else 'fewer'}"
