"""Head: the dense layers behind the global pooling, and what each pooled feature adds to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from models.checkpoint import ForeignCheckpoint
from models.layers import Layer

POOLING = "GlobalAveragePooling2D"
_ACTIVATIONS = {"relu", "linear"}  # of what stands before the output


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dense:
    """One dense layer."""

    kernel: np.ndarray  # (inputs, units) float64
    bias: np.ndarray  # (units,) float64
    rectified: bool  # whether a ReLU follows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """Dense layers, the last of one unit that a sigmoid makes a probability.

    Dropouts between them do nothing once a network is trained.
    """

    layers: tuple[Dense, ...]

    @classmethod
    def of(cls, layers: Sequence[Layer]) -> Self:
        """The head of a network.

        Raises:
            ForeignCheckpoint: what follows the global pooling is no chain of dense layers that
                ends in one probability.
        """
        chain = _behind_pooling(layers)
        if not chain or chain[-1].settings.get("activation") != "sigmoid":
            raise _foreign("no dense layer with a sigmoid at the end")
        before = {layer.settings.get("activation") for layer in chain[:-1]}
        if not before <= _ACTIVATIONS:
            raise _foreign(f"activations {', '.join(sorted(map(str, before)))}")
        head = cls(layers=tuple(_dense(layer) for layer in chain))
        sizes = [dense.kernel.shape for dense in head.layers]
        fits = all(first[1] == second[0] for first, second in pairwise(sizes))
        if not fits or sizes[-1][1] != 1:
            raise _foreign(f"kernels of {sizes}")
        return head

    @property
    def channels(self) -> int:
        """How many pooled features it takes."""
        return int(self.layers[0].kernel.shape[0])

    def probability(self, pooled: np.ndarray) -> float:
        """The probability of the positive label for (channels,) pooled features."""
        for dense in self.layers:
            pooled = _forward(dense, pooled)
        return float(0.5 * (1.0 + np.tanh(pooled[0] / 2.0)))  # a sigmoid that never overflows

    def gradient(self, pooled: np.ndarray) -> np.ndarray:
        """How much the logit of the probability moves with each of (channels,) pooled features.

        Between its kinks the head is linear in them, so this is exact and needs no backward pass:
        the kernels multiplied together, without the units that are at rest.
        """
        awake = []
        for dense in self.layers[:-1]:
            pooled = _forward(dense, pooled)
            awake.append(pooled > 0 if dense.rectified else np.ones(len(pooled), bool))
        slope = self.layers[-1].kernel[:, 0]
        for dense, passes in zip(self.layers[-2::-1], awake[::-1], strict=True):
            slope = dense.kernel @ (slope * passes)
        return np.asarray(slope)


def last_features(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The layer whose output the global pooling averages; none where there is no such pooling."""
    pooled = [layer for layer in layers if layer.kind == POOLING]
    return pooled[-1].inputs if pooled else ()


def _behind_pooling(layers: Sequence[Layer]) -> list[Layer]:
    """The dense layers behind the last global pooling, which must be a chain with dropouts."""
    kinds = [layer.kind for layer in layers]
    if POOLING not in kinds:
        raise _foreign("none")
    place = len(kinds) - 1 - kinds[::-1].index(POOLING)
    before, chain = layers[place], []
    for layer in layers[place + 1 :]:
        if layer.inputs != (before.name,) or layer.kind not in {"Dense", "Dropout"}:
            raise _foreign(f"a layer {layer.kind}")
        if layer.kind == "Dense":
            chain.append(layer)
        before = layer
    return chain


def _dense(layer: Layer) -> Dense:
    kernel = layer.weights["kernel"].astype(np.float64)
    bias = layer.weights.get("bias", np.zeros(kernel.shape[1])).astype(np.float64)
    return Dense(kernel=kernel, bias=bias, rectified=layer.settings["activation"] == "relu")


def _forward(dense: Dense, values: np.ndarray) -> np.ndarray:
    values = values @ dense.kernel + dense.bias
    return np.asarray(np.maximum(values, 0.0) if dense.rectified else values)


def _foreign(received: str) -> ForeignCheckpoint:
    return ForeignCheckpoint(
        expected="dense layers behind a global average pooling", received=received
    )
