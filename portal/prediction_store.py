"""PredictionStore: what the published models said of every image, if it fits their cards."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import prediction_table
from models.card import ModelCard, OperatingPoint
from models.confusion import confusion
from models.errors import Refusal
from models.files import Stamp, stamp
from models.paired_areas import area
from models.prediction_table import Predictions
from portal.errors import PortalError
from portal.thresholds import points

_log = logging.getLogger(__name__)
_ROUNDING = 1e-4  # how far the areas of card and predictions may differ

Parts = Mapping[str, Predictions]
"""Part, "validation" or "test", -> what the model said of its images."""


class PredictionsUnavailable(PortalError):
    title = "Only the two thresholds of the card can be shown"
    action = "Put the predictions that were published with this model beside its checkpoint."


@dataclass(frozen=True, slots=True)
class _Read:
    """Predictions, what they were read from and for, and what follows from them."""

    stamp: tuple[Stamp, str]
    parts: Parts
    points: Mapping[float, OperatingPoint]


class PredictionStore:
    """Reads predictions and holds them against the card; repeats neither for the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, _Read] = {}

    def find(self, card: ModelCard) -> Parts:
        """The predictions of the model of a card.

        Raises:
            PredictionsUnavailable: there are none, or they are not those of this card.
        """
        return self._known_or_read(card).parts

    def points(self, card: ModelCard) -> Mapping[float, OperatingPoint]:
        """Every threshold of 0.01 ... 0.99 -> its operating point.

        Raises:
            PredictionsUnavailable: there are no predictions, or not those of this card.
        """
        return self._known_or_read(card).points

    def _known_or_read(self, card: ModelCard) -> _Read:
        path = self.folder / card.key.checkpoint.with_suffix(".csv")
        try:
            now = (stamp(path), card.fingerprint)
            known = self._known.get(card.model)
            if known is None or known.stamp != now:
                parts = _checked(prediction_table.read(path), card)
                known = _Read(now, parts, points(card, parts))
                self._known[card.model] = known
        except FileNotFoundError as error:
            raise _unavailable(card, "none") from error
        except OSError as error:
            _log.error("the predictions of %s could not be read: %s", card.model, error)
            raise _unavailable(card, "a file that cannot be read") from error
        except prediction_table.InvalidPredictions as refusal:
            raise _unavailable(card, f"a file without {refusal.expected}") from refusal
        return known


def _checked(parts: Parts, card: ModelCard) -> Parts:
    """The parts, if their counts and their area are those of the card."""
    counts = {part: _counts(one) for part, one in parts.items()}
    for part, found in counts.items():
        if found != tuple(card.data.counts[part]):
            raise _unavailable(card, f"those of other {part} images")
    test = parts["test"]
    for point in card.points.values():
        called = test.probabilities >= point.threshold.value
        if confusion(test.labels, called) != point.confusion:
            raise _unavailable(card, "those of another model")
    if abs(area(test.labels, test.probabilities) - card.metrics["test"]["roc_auc"].value) > (
        _ROUNDING
    ):
        raise _unavailable(card, "those of another model")
    return parts


def _counts(part: Predictions) -> tuple[int, int]:
    """By label; images of which several count as one together come to whole numbers."""
    negative, positive = np.bincount(part.labels, part.weights, minlength=2)
    return round(float(negative)), round(float(positive))


def _unavailable(card: ModelCard, received: str) -> Refusal:
    return PredictionsUnavailable(
        expected=f"the predictions of {card.model} with fingerprint {card.fingerprint}",
        received=received,
    )
