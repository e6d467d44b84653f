"""Subgroups: a model's test images by what is known of them beside their labels, if it is."""

import logging
from dataclasses import dataclass
from pathlib import Path

from models import subgroup_table
from models.card import ModelCard
from models.errors import Refusal
from models.subgroup_results import AttributeResult, subgroup_results
from portal.prediction_store import PredictionStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups:
    """Joins the published predictions of a model with the table of its data set."""

    predictions: PredictionStore
    folder: Path  # of the tables

    def of(self, card: ModelCard, threshold: float) -> tuple[AttributeResult, ...]:
        """Each attribute of a model's test images at a threshold.

        Returns:
            Nothing where no table is written, or it is not that of the card's images, or the
            predictions are missing; the log says which.
        """
        try:
            table = subgroup_table.read(self.folder, card.key.modality.key)
            if table is None:
                return ()
            if not table.fits(card.data):
                _log.warning("the table of subgroups is not that of the images of %s", card.model)
                return ()
            return subgroup_results(table, self.predictions.find(card)["test"], threshold)
        except (Refusal, OSError) as error:
            _log.warning("%s has no subgroups: %s", card.model, error)
            return ()
