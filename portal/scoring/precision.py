"""Which models may not be asked at a precision, known before any file is read."""

from collections.abc import Iterable

from models.precision import Precision
from portal import precision_guard
from portal.checkpoint_store import VerifiedCheckpoint
from portal.errors import PrecisionRefused


def refused_at(precision: Precision, checkpoints: Iterable[VerifiedCheckpoint]) -> list[str]:
    """Each of the models that refuse the precision, and why."""
    if precision == "f32":
        return []
    return [reason for each in checkpoints if (reason := _reason(precision, each))]


def _reason(precision: Precision, checkpoint: VerifiedCheckpoint) -> str | None:
    try:
        precision_guard.measured(checkpoint.path, precision)
    except PrecisionRefused as refusal:
        return f"{checkpoint.card.model} (expected {refusal.expected}, received {refusal.received})"
    return None
