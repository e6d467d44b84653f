"""Which convolutions of a network compute in 8-bit integers, and with which ranges.

Rounding hurts a few convolutions far more than all others together, mostly early ones whose
channels differ much in size. They stay in f32: the rest keeps most of the speed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy.special import expit, logit

from models.compilation import compiled, core, options_at
from models.layers import Layer
from models.network_graph import build
from models.precision import LARGEST, Precision, Quantisation, Range
from models.quantisation import watched

Images = Iterable[np.ndarray]
"""Prepared images, each (1, 224, 224, 3) float32 RGB in 0..255; may be gone through again."""

AIMED = LARGEST / 2
"""By which a probability of a training image may move: others may move further."""

_RANKED_ON = 12  # of the images every twelfth tells which convolutions rounding hurts
_FULL = 0.4  # of the range: what a doubled channel may fill, as other images may fill more
_DIGITS = 6  # of a range; a float32 number has little more
_SMALLEST = 1e-6  # width of the range of a convolution that reads nothing but zeros


def calibrate(
    layers: Sequence[Layer], images: Images, accepted: Callable[[Quantisation], bool]
) -> Quantisation:
    """Ranges of what convolutions read of training images, and the shift of their mean logit.

    Convolutions are left in f32, the ones that rounding hurts most first, until no probability
    moves by more than ``AIMED`` and the rest is accepted.

    Args:
        layers: the checkpoint's.
        images: training images.
        accepted: whether other images agree.
    """
    exact, ranges = _observed(layers, images)
    for quantisation, largest in _ever_fewer(layers, ranges, images, exact):
        if largest <= AIMED and accepted(quantisation):
            break
    return quantisation


def answers(
    layers: Sequence[Layer],
    precision: Precision,
    images: Images,
    quantisation: Quantisation | None = None,
) -> np.ndarray:
    """(n,) probabilities of the positive label, as the portal computes them at a precision."""
    request = compiled(layers, precision, quantisation).create_infer_request()
    return np.array([float(request.infer([image])[0].item()) for image in images])


def rounded(number: float) -> float:
    """As it is written down."""
    return float(f"{number:.{_DIGITS}g}")


def _observed(layers: Sequence[Layer], images: Images) -> tuple[np.ndarray, dict[str, Range]]:
    """The answers (n,) at f32, and what each convolution read of all images."""
    names, graph = watched(build(layers))
    request = core().compile_model(graph, "CPU", dict(options_at("f32"))).create_infer_request()
    exact, lows, highs = [], [], []
    for image in images:
        probability, *ends = request.infer([image]).to_tuple()
        exact.append(float(probability.item()))
        lows.append(ends[::2])
        highs.append(ends[1::2])
    ranges = map(_range, zip(*lows, strict=True), zip(*highs, strict=True))
    return np.array(exact), dict(zip(names, ranges, strict=True))


def _range(lows: Sequence[np.ndarray], highs: Sequence[np.ndarray]) -> Range:
    """Of the lowest and highest numbers (channels,) in each image."""
    low, high = np.min(lows, axis=0), np.max(highs, axis=0)
    lowest = rounded(min(low.min(), 0.0))
    highest = rounded(max(high.max(), lowest + _SMALLEST))
    small = (low >= lowest * _FULL) & (high <= highest * _FULL)
    return Range(low=lowest, high=highest, doubled="".join(str(int(one)) for one in small))


def _ever_fewer(
    layers: Sequence[Layer], ranges: Mapping[str, Range], images: Images, exact: np.ndarray
) -> Iterator[tuple[Quantisation, float]]:
    """Quantisations of all convolutions, then of one less each time, and how far answers move."""
    yield _shifted(layers, ranges, images, exact)
    left = dict(ranges)
    for name in _most_hurt_first(layers, ranges, images, exact):
        del left[name]
        yield _shifted(layers, left, images, exact)


def _shifted(
    layers: Sequence[Layer], ranges: Mapping[str, Range], images: Images, exact: np.ndarray
) -> tuple[Quantisation, float]:
    """With the shift that gives the images their mean logit back; how far a probability moves."""
    found = _logit(_rough(layers, ranges, images))
    shift = rounded(float(np.mean(_logit(exact) - found)))
    moves = expit(found + shift) - exact
    return Quantisation(ranges=dict(ranges), shift=shift), float(np.abs(moves).max())


def _most_hurt_first(
    layers: Sequence[Layer], ranges: Mapping[str, Range], images: Images, exact: np.ndarray
) -> list[str]:
    """Convolutions by how much the logit scatters when they alone are rounded.

    What is the same for all images does not count, as a shift takes it back.
    """
    few, known = [*images][::_RANKED_ON], _logit(exact[::_RANKED_ON])
    scatter = {
        name: float(np.std(_logit(_rough(layers, {name: ends}, few)) - known))
        for name, ends in ranges.items()
    }
    return sorted(scatter, key=scatter.__getitem__, reverse=True)


def _rough(layers: Sequence[Layer], ranges: Mapping[str, Range], images: Images) -> np.ndarray:
    return answers(layers, "int8", images, Quantisation(ranges=ranges, shift=0.0))


def _logit(probabilities: np.ndarray) -> np.ndarray:
    return np.asarray(logit(np.clip(probabilities, 1e-7, 1 - 1e-7)))  # float32 knows no closer to 1
