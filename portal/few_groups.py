"""Whether the intervals of a card rest on too few groups to be relied on."""

from models.card import ModelCard
from models.paired_areas import FEW_GROUPS


def few_groups(card: ModelCard) -> str | None:
    """The test groups in words where they are too few, ``2 slides``; otherwise None."""
    groups = card.data.groups.get("test", FEW_GROUPS)
    if groups >= FEW_GROUPS:
        return None
    name = card.data.group
    if groups == 1:
        return f"1 group ({name})"
    if " and " in name:  # one of the two may be the same for all
        return f"{groups} groups ({name})"
    return f"{groups} groups of {name}" if name.endswith("s") else f"{groups} {name}s"
