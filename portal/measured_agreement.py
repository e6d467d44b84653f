"""What was measured of a model's heat-maps, where it was these very weights that were measured."""

import logging
from pathlib import Path

from models import mask_agreement
from models.card import ModelCard
from models.errors import Refusal
from models.mask_agreement import MaskAgreement, ModelAgreement
from portal.figures import numbers

IN_THE_LESION = (
    "In the lesion: how often the strongest field lay in the outlined lesion of a test image of "
    "that label, with 95 % interval; in lesions of other images: how often it would have."
)
"""What the two shares are, below several heat-maps."""

_NO_LESION = "do not take the bright place for the lesion"
_log = logging.getLogger(__name__)


def folder_beside(checkpoints: Path) -> Path:
    """Where the records lie: beside the folder of checkpoints, as their splits do."""
    return checkpoints.parent / "explanations"


def measured_agreement(card: ModelCard, folder: Path) -> ModelAgreement | None:
    """How well the heat-maps of a model agree with outlined lesions.

    Returns:
        None where it was not measured, or for other weights, or where the record is of no use,
        which the log says.
    """
    try:
        record = mask_agreement.read(folder, card.key.modality.key)
    except (Refusal, OSError, UnicodeDecodeError) as error:
        _log.warning("the record of heat-maps cannot be used: %s", error)
        return None
    return record.of(card.model, card.fingerprint) if record else None


def worth(measured: ModelAgreement | None) -> str:
    """What was measured of heat-maps, for where there is no room for the table."""
    if measured is None:
        return "How well the heat-maps of this model agree with outlined lesions was not measured."
    return " ".join(_pointing(label, one) for label, one in measured.by_label.items())


def _pointing(label: str, one: MaskAgreement) -> str:
    found = (
        f"On {label.lower()} test images its strongest field lay in the lesion in "
        f"{numbers.percent(one.pointing.value)} (95 % interval "
        f"{numbers.percent_interval(one.pointing)}); in lesions of other images it would in "
        f"{numbers.percent(one.pointing_elsewhere)}"
    )
    if one.points_better:
        return f"{found}."
    return f"{found}. That is not shown to be above chance: {_NO_LESION}."


def beside_chance(measured: ModelAgreement) -> tuple[str, ...]:
    """One sentence for each label: which of its figures chance does not explain."""
    return tuple(_beside_chance(label, one) for label, one in measured.by_label.items())


def _beside_chance(label: str, one: MaskAgreement) -> str:
    where = f"On {label.lower()} test images"
    field, heat = "the strongest field is", "the share of the heat is"
    if one.points_better and one.heats_better:
        return f"{where} both figures are above chance."
    if one.points_better:
        return f"{where} {field} above chance, {heat} not shown to be."
    if one.heats_better:
        return f"{where} {heat} above chance, {field} not shown to be."
    return f"{where} neither is shown to be above chance: {_NO_LESION}."
