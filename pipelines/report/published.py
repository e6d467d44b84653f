"""The published models: card, predictions and size of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.card import ModelCard
from models.catalogue import ModelKey
from models.prediction_table import Predictions
from models.specs import ModalitySpec
from models.subgroup_table import SubgroupTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published model and what it said of every image that it did not learn from."""

    card: ModelCard
    predictions: Mapping[str, Predictions]  # "validation" and "test"
    size: int  # bytes of its file
    known: SubgroupTable | None = None  # of these images beside their labels; None: not written
    later: tuple[str, ...] = ()  # what became known since its card was sealed
    dealt: Mapping[str, int] = field(default_factory=dict)  # part -> rows of the split file

    @property
    def test(self) -> Predictions:
        """What it said of the test images."""
        return self.predictions["test"]

    @property
    def limitations(self) -> tuple[str, ...]:
        """Those of its card, then what became known since."""
        return self.card.limitations + self.later


Models = Mapping[ModelKey, Published]


def of_modality(modality: ModalitySpec, models: Models) -> Models:
    """The models of one modality, in their order."""
    return {key: model for key, model in models.items() if key.modality == modality}
