"""Whether a model may be served at a lower precision: what its record says of it."""

from pathlib import Path

from models import precision as records
from models.checkpoint import read_card
from models.precision import CHANGED, LARGEST, Precision, PrecisionRecord
from portal.errors import PrecisionRefused

_MEASURE = "Run `python -m pipelines precisions` for it, or serve it with PRECISION=f32."


def measured(checkpoint: Path, precision: Precision) -> PrecisionRecord:
    """The record of a checkpoint, if that allows the precision.

    Raises:
        CheckpointRefused, InvalidCard: the checkpoint has no card that can be used.
        PrecisionRefused: there is no record, it is of other weights, or answers moved too far.
    """
    record = records.read(checkpoint)
    if record is None:
        raise _refusal(f"a record of its answers at {precision}", "none", _MEASURE)
    fingerprint = read_card(checkpoint).fingerprint
    if record.fingerprint != fingerprint:
        raise _refusal(
            f"a record of the model {fingerprint}", f"one of {record.fingerprint}", _MEASURE
        )
    moves = record.moves[precision]
    if not moves.small:
        raise _refusal(
            f"answers to validation and test images that move by at most {LARGEST:.2f} "
            f"at {precision} and change at most {100 * CHANGED:.1f} % of the decisions",
            f"a move of {moves.largest:.3f}, and {moves.changed} of {moves.images} changed",
        )
    return record


def _refusal(expected: str, received: str, action: str | None = None) -> PrecisionRefused:
    return PrecisionRefused(expected=expected, received=received, action=action)
