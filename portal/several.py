"""Several: whom a page can ask about many images, one after another."""

from dataclasses import dataclass

from models.card import ModelCard
from models.catalogue import Comparison, ModelKey, comparisons, model_keys
from models.precision import Precision
from models.specs import ModalitySpec
from portal.checkpoint_store import CheckpointStore
from portal.gate_store import GateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One model, or all of a comparison, with the cards of those that are there."""

    whom: ModelKey | Comparison
    cards: tuple[ModelCard, ...]

    @property
    def models(self) -> list[dict[str, str | float]]:
        """What a line of the table says of its model, whatever the image is."""
        return [
            {
                "model": card.model,
                "fingerprint": card.fingerprint,
                "threshold": card.threshold.value,
            }
            for card in self.cards
        ]


@dataclass(frozen=True, kw_only=True)
class SeveralPage:
    """What ``several.html`` shows; its fields are the template's names."""

    modality: ModalitySpec
    together: tuple[Asked, ...]  # comparisons of which one model at least is there
    alone: tuple[Asked, ...]  # models that are there
    precision: Precision
    is_checked: bool  # whether the gate can tell other images from those of the modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """Finds whom to ask."""

    checkpoints: CheckpointStore
    gates: GateStore
    precision: Precision

    def page(self, modality: ModalitySpec) -> SeveralPage:
        """The page of a modality."""
        together = [self._asked(each, each.keys) for each in comparisons()]
        alone = [self._asked(key, (key,)) for key in model_keys()]
        return SeveralPage(
            modality=modality,
            together=_there(together, modality),
            alone=_there(alone, modality),
            precision=self.precision,
            is_checked=self.gates.usable(modality) is not None,
        )

    def _asked(self, whom: ModelKey | Comparison, keys: tuple[ModelKey, ...]) -> Asked:
        cards = [self.checkpoints.card(key) for key in keys]
        return Asked(whom=whom, cards=tuple(card for card in cards if card is not None))


def _there(asked: list[Asked], modality: ModalitySpec) -> tuple[Asked, ...]:
    return tuple(each for each in asked if each.cards and each.whom.modality == modality)
