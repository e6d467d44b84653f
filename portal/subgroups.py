"""Subgroups: a model's test images by what is known of them beside their labels, if it is."""

import logging
from dataclasses import dataclass
from pathlib import Path

from models import subgroup_table
from models.card import ModelCard
from models.errors import Refusal
from models.subgroup_results import AttributeResult, Difference, subgroup_results
from models.subgroup_table import SubgroupTable
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
            if table is None or not _fits(table, card):
                return ()
            return subgroup_results(table, self.predictions.find(card)["test"], threshold)
        except (Refusal, OSError, UnicodeDecodeError) as error:
            _log.warning("%s has no subgroups: %s", card.model, error)
            return ()


def _fits(table: SubgroupTable, card: ModelCard) -> bool:
    fits = (table.data, table.split_sha256) == (card.data.name, card.data.split_sha256)
    if not fits:
        _log.warning("the table of subgroups is not that of the images of %s", card.model)
    return fits


def verdict(result: AttributeResult, group: str) -> str:
    """What the test images can tell of an attribute's subgroups, a sentence or three.

    Args:
        result: of one attribute.
        group: what a group of images is: "patient".
    """
    if result.differences:
        found = "; ".join(_in_words(each) for each in result.differences)
        return f"By more than chance would explain, {found}. Elsewhere no difference is certain."
    if result.tested:
        had = "1 comparison has" if result.tested == 1 else f"{result.tested} comparisons have"
        return (
            f"{had} images enough for a test, and there no difference is larger than chance would "
            "explain; any other cannot be told from chance. That does not make the subgroups "
            "equal: the intervals say what may have gone unseen."
        )
    return (
        "These test images cannot tell whether the model does better in one of these than in "
        f"another: no two have images of one label from enough groups ({group}) for a test."
    )


def _in_words(each: Difference) -> str:
    p = "p < 0.001" if each.p < 0.001 else f"p = {each.p:.3f}"
    return f"{each.measure} is higher in {each.better} than in {each.worse} ({p})"
