"""How far a model's answers move at lower precisions, and the ranges that int8 needs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.catalogue import ModelKey
from models.checkpoint import read_card
from models.compilation import compiled, core, options_at
from models.layers import Layer, read_layers
from models.network_graph import build
from models.precision import LOWER, Moves, Precision, PrecisionRecord, Quantisation
from models.probes import probes
from models.quantisation import watched

Images = Iterable[np.ndarray]
"""Prepared images, each (1, 224, 224, 3) float32 RGB in 0..255; may be gone through again."""

_DIGITS = 6  # of a range; a float32 number has little more
_SMALLEST = 1e-6  # width of the range of a convolution that reads nothing but zeros


def measure(checkpoint: Path, training: Images, held_out: Images) -> PrecisionRecord:
    """Find the ranges on training images, and how far answers move on those held out.

    Raises:
        CheckpointRefused, InvalidCard: the checkpoint cannot be used.
    """
    card, layers = read_card(checkpoint), read_layers(checkpoint)
    quantisation = calibrate(layers, training)
    exact = answers(layers, "f32", held_out)
    return PrecisionRecord(
        fingerprint=card.fingerprint,
        quantisation=quantisation,
        moves={
            precision: _moves(layers, precision, quantisation, held_out, exact, card)
            for precision in LOWER
        },
    )


def calibrate(layers: Sequence[Layer], images: Images) -> Quantisation:
    """The ranges of what convolutions read of some images, and the shift of their mean logit."""
    exact, ranges = _observed(layers, images)
    rough = answers(layers, "int8", images, Quantisation(ranges=ranges, shift=0.0))
    shift = float(np.mean(_logit(exact) - _logit(rough)))
    return Quantisation(ranges=ranges, shift=_rounded(shift))


def _observed(
    layers: Sequence[Layer], images: Images
) -> tuple[np.ndarray, dict[str, tuple[float, float]]]:
    """The answers (n,) at f32, and the lowest and highest number of all images by convolution."""
    names, graph = watched(build(layers))
    request = core().compile_model(graph, "CPU", dict(options_at("f32"))).create_infer_request()
    rows = []
    for image in images:
        outputs = request.infer([image])
        rows.append([float(outputs[index].item()) for index in range(len(graph.outputs))])
    found = np.array(rows)
    low = np.minimum(found[:, 1::2].min(axis=0), 0.0)
    high = np.maximum(found[:, 2::2].max(axis=0), low + _SMALLEST)
    ends = zip(map(_rounded, low), map(_rounded, high), strict=True)
    return found[:, 0], dict(zip(names, ends, strict=True))


def answers(
    layers: Sequence[Layer],
    precision: Precision,
    images: Images,
    quantisation: Quantisation | None = None,
) -> np.ndarray:
    """(n,) probabilities of the positive label, as the portal computes them at a precision."""
    request = compiled(layers, precision, quantisation).create_infer_request()
    return np.array([float(request.infer([image])[0].item()) for image in images])


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
        largest=_rounded(np.abs(rough - exact).max()),
        changed=int(np.sum((rough >= threshold) != (exact >= threshold))),
        probes=tuple(map(_rounded, known)),
    )


def outcome(key: ModelKey, record: PrecisionRecord) -> str:
    """A model and how far its answers move, in a line."""
    words = (
        f"{precision} moves by at most {moves.largest:.4f}, changes {moves.changed} of "
        f"{moves.images} decisions: {'served' if moves.small else 'refused'}"
        for precision, moves in record.moves.items()
    )
    return f"{key.slug}: {'; '.join(words)}"


def _logit(probabilities: np.ndarray) -> np.ndarray:
    inside = np.clip(probabilities, 1e-7, 1 - 1e-7)  # float32 knows no closer to 1
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
