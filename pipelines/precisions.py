"""How far a model's answers move at lower precisions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.catalogue import ModelKey
from models.checkpoint import read_card
from models.layers import Layer, read_layers
from models.precision import LOWER, Moves, Precision, PrecisionRecord, Quantisation
from models.probes import probes
from pipelines.quantisation import Images, answers, calibrate, rounded


def measure(
    checkpoint: Path, training: Images, validation: Images, held_out: Images
) -> PrecisionRecord:
    """Fit int8 to training images, and find how far answers move on those held out.

    Args:
        checkpoint: a published file.
        training: images that ranges come from.
        validation: images that say when enough convolutions stay in f32.
        held_out: all images that the model has not learnt from, which tell what may be served.

    Raises:
        CheckpointRefused, InvalidCard: the checkpoint cannot be used.
    """
    card, layers = read_card(checkpoint), read_layers(checkpoint)
    known = answers(layers, "f32", validation)

    def accepted(quantisation: Quantisation) -> bool:
        return _moves(layers, "int8", quantisation, validation, known, card).small

    quantisation = calibrate(layers, training, accepted)
    exact = answers(layers, "f32", held_out)
    return PrecisionRecord(
        fingerprint=card.fingerprint,
        quantisation=quantisation,
        moves={
            precision: _moves(layers, precision, quantisation, held_out, exact, card)
            for precision in LOWER
        },
    )


def _moves(
    layers: Sequence[Layer],
    precision: Precision,
    quantisation: Quantisation,
    images: Images,
    exact: np.ndarray,
    card: ModelCard,
) -> Moves:
    rough = answers(layers, precision, [*images, *probes()], quantisation)
    rough, known = rough[: len(exact)], rough[len(exact) :]
    threshold = card.threshold.value
    return Moves(
        images=len(exact),
        largest=rounded(np.abs(rough - exact).max()),
        changed=int(np.sum((rough >= threshold) != (exact >= threshold))),
        probes=tuple(map(rounded, known)),
    )


def outcome(key: ModelKey, record: PrecisionRecord) -> str:
    """A model and how far its answers move, in a line."""
    words = (
        f"{precision} moves by at most {moves.largest:.4f}, changes {moves.changed} of "
        f"{moves.images} decisions: {'served' if moves.small else 'refused'}"
        for precision, moves in record.moves.items()
    )
    return f"{key.slug}: {'; '.join(words)}"
