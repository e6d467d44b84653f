"""The data sets that the installed models learnt from and were tested on."""

from models.catalogue import model_keys
from portal.checkpoint_store import CheckpointStore


def cited_data(checkpoints: CheckpointStore) -> tuple[str, ...]:
    """Name and citation of each set, once, in the order of the modalities; none without a model."""
    cards = [card for key in model_keys() if (card := checkpoints.card(key))]
    return tuple(dict.fromkeys(f"{card.data.name}. {card.data.citation}" for card in cards))
