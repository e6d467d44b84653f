"""Sparsity: most small weights become zero while training goes on, so that files stay small.

Magnitude pruning with a cubic ramp; source: Zhu and Gupta, "To prune, or not to prune", 2017.
"""

import keras
import numpy as np
from keras import ops

from pipelines.sparse_adamw import is_large

FULL_MANTISSA = 23  # bits of a float32's
HALF_MANTISSA = 10  # bits of a float16's


def prunable(model: keras.Model) -> list[keras.Variable]:
    """The large kernels of a model."""
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    return [kernel for kernel in kernels if is_large(kernel)]


def zero_share(model: keras.Model) -> float:
    """Share of the large kernels' weights that are zero, in [0, 1]."""
    arrays = [ops.convert_to_numpy(kernel) for kernel in prunable(model)]
    nonzero = sum(int(np.count_nonzero(array)) for array in arrays)
    return 1.0 - nonzero / sum(int(array.size) for array in arrays)


class Pruning(keras.callbacks.Callback):
    """Raises the share of zeros of every large kernel, epoch by epoch, and holds them."""

    def __init__(self, *, share: float, begin: int, end: int) -> None:
        """Bring every kernel from its present share of zeros to ``share``, epoch by epoch.

        No zeros are added before epoch ``begin`` and none after ``end``, counted from 0. The
        network learns by a `SparseAdamW` that is built.
        """
        super().__init__()
        self._share, self._begin, self._end = share, begin, end

    def set_model(self, model: keras.Model) -> None:
        """Note every large kernel's share of zeros."""
        super().set_model(model)
        self._kernels: list[tuple[keras.Variable, float]] = []
        for kernel in prunable(model):
            zeros = 1.0 - np.count_nonzero(ops.convert_to_numpy(kernel)) / np.prod(kernel.shape)
            self._kernels.append((kernel, float(zeros)))

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Choose the epoch's zeros: the smallest weights by magnitude."""
        masks = self.model.optimizer.masks
        for kernel, zeros in self._kernels:
            done = (epoch + 1 - self._begin) / max(1, self._end + 1 - self._begin)
            share = ramp(zeros, self._share, min(1.0, max(0.0, done)))
            values = ops.convert_to_numpy(kernel)
            keep = largest(values, 1.0 - share)
            kernel.assign(pruned(values, keep))
            if kernel.path in masks:  # the others do not learn
                masks[kernel.path].assign(keep.astype(np.float32))


def pruned(values: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """The kept values, enlarged to the norm of all: without norms a deep network would fade."""
    left = values * keep
    before, after = np.linalg.norm(values), np.linalg.norm(left)
    return np.asarray(left * (before / after if after else 1.0), dtype=np.float32)


def ramp(start: float, end: float, progress: float) -> float:
    """From ``start`` to ``end`` as ``progress`` goes from 0 to 1: fast at first, then slower."""
    return end + (min(start, end) - end) * (1.0 - progress) ** 3


def largest(values: np.ndarray, share: float) -> np.ndarray:
    """Which of the values are the ``share`` largest by magnitude; zeros never are."""
    size = np.abs(values)
    drop = values.size - round(values.size * share)
    if drop <= 0:
        return np.asarray(size > 0)
    limit = np.partition(size, drop - 1, axis=None)[drop - 1]
    return np.asarray(size > limit)


def rounded(values: np.ndarray, bits: int) -> np.ndarray:
    """Float32 values rounded to ``bits`` bits of mantissa (23 leaves them alone)."""
    drop = FULL_MANTISSA - bits
    if drop <= 0:
        return values
    raw = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return (((raw + (1 << (drop - 1))) >> drop) << drop).view(np.float32)


def compact(model: keras.Model, bits: int) -> None:
    """Round the large kernels to ``bits`` bits of mantissa, in place.

    With 10 bits or fewer they become exact float16 numbers, which the file then holds, and what
    batch norms hold is rounded to 10 bits: most of it becomes such numbers too.
    """
    for kernel in prunable(model):
        values = rounded(ops.convert_to_numpy(kernel), bits)
        values = values.astype(np.float16).astype(np.float32) if bits <= HALF_MANTISSA else values
        kernel.assign(values + 0.0)  # no negative zeros: they double the size of the file
    if bits <= HALF_MANTISSA:
        _round_norms(model)


def _round_norms(model: keras.Model) -> None:
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for values in layer.weights:
                values.assign(rounded(ops.convert_to_numpy(values), HALF_MANTISSA))
