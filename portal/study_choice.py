"""What a reader asks of a model's page: a point or a threshold, and a prevalence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from models.card import ModelCard
from portal.choices import chosen, chosen_number
from portal.operating_points import OWN, PointChoice, point_choices
from portal.prediction_store import PredictionStore
from portal.predictive_values import HIGHEST, LOWEST, usual_prevalence
from portal.thresholds import THRESHOLDS


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyWish:
    """What an address says, unchecked; None where it says nothing."""

    point: str | None = None
    threshold: str | None = None  # goes before ``point``
    prevalence: str | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Self:
        """The wish of an address."""
        return cls(
            point=arguments.get("point"),
            threshold=arguments.get("threshold"),
            prevalence=arguments.get("prevalence"),
        )


NO_WISH = StudyWish()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyChoice:
    """What is shown."""

    point: PointChoice
    prevalence: float  # share of positive images, in (0, 1)


def study_choice(card: ModelCard, predictions: PredictionStore, wish: StudyWish) -> StudyChoice:
    """The wish, checked; what it leaves open is the deciding point and the test images' share.

    Raises:
        UnknownChoice: there is no such point, threshold or prevalence.
        PredictionsUnavailable: the threshold is none of the card's, and no other can be shown.
    """
    prevalence = chosen_number("prevalence", wish.prevalence, LOWEST, HIGHEST)
    threshold = chosen_number("threshold", wish.threshold, THRESHOLDS[0], THRESHOLDS[-1])
    named = {choice.name: choice for choice in point_choices(card)}
    name = chosen("point", wish.point, tuple(named)) or next(iter(named))
    return StudyChoice(
        point=named[name] if threshold is None else _at(threshold, card, predictions),
        prevalence=usual_prevalence(card) if prevalence is None else prevalence,
    )


def _at(threshold: float, card: ModelCard, predictions: PredictionStore) -> PointChoice:
    for choice in point_choices(card):
        if choice.point.threshold.value == threshold:
            return choice
    point = predictions.points(card)[threshold]
    return PointChoice(name=OWN, point=point, deciding=card.best_f1, modality=card.key.modality)
