"""FieldGrid: where in the image the fields of a network's last features lie."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from models.checkpoint import ForeignCheckpoint
from models.head import last_features
from models.layers import Layer

_POOLINGS = {"MaxPooling2D", "AveragePooling2D"}
_OF_WINDOWS = {"kernel_size", "pool_size", "strides", "dilation_rate", "size", "cropping"}
"""Settings of layers that move, widen or cut what lies before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Fields along one side of the image.

    ``first`` and ``step`` are in pixels of the network's input, counted from the middle of its
    first pixel: field ``i`` looks at what surrounds ``first + i * step``.
    """

    count: int
    side: int  # pixels of the input along this side
    first: float = 0.0
    step: float = 1.0

    @property
    def centres(self) -> np.ndarray:
        """(count,) places of the fields' centres, inside the image."""
        places = self.first + self.step * np.arange(self.count)
        return np.asarray(np.clip(places, 0.0, self.side - 1.0))

    def seen_through(self, window: "_Window") -> Self:
        """The fields of a layer that moves a window over these."""
        before, after = window.padding(self.count)
        count = (self.count + before + after - window.size) // window.stride + 1
        if count < 1:
            raise ValueError("expected a window no larger than what it is moved over")
        first = self.first + ((window.size - 1) / 2 - before) * self.step
        return type(self)(count=count, side=self.side, first=first, step=self.step * window.stride)

    def resized(self, count: int) -> Self:
        """The fields of a layer that draws these anew, so many of them on the same side."""
        if count < 1:
            raise ValueError("expected a side of a pixel or more")
        share = self.count / count
        first = self.first + (share - 1) / 2 * self.step
        return type(self)(count=count, side=self.side, first=first, step=self.step * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGrid:
    """The fields of a network's last features, along both sides."""

    rows: Fields
    columns: Fields

    @classmethod
    def of(cls, layers: Sequence[Layer]) -> Self:
        """The fields of what the global pooling of a network averages.

        Source: Araujo et al., "Computing receptive fields of convolutional neural networks",
        Distill 2019.

        Raises:
            ForeignCheckpoint: the layers do not fit together, one of them moves a window in a way
                that is not known here, or there is no global pooling.
        """
        try:
            (end,) = last_features(layers)
            return cls(rows=_along(0, layers, end), columns=_along(1, layers, end))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ForeignCheckpoint(
                expected="layers that move windows over an image", received="others"
            ) from error

    @property
    def shape(self) -> tuple[int, int]:
        """Fields in a column, and in a row."""
        return self.rows.count, self.columns.count

    def spread(self, values: np.ndarray) -> np.ndarray:
        """A number for each field, (rows, columns) -> one for each pixel, (height, width).

        Pixels between the centres of fields have what lies between their values, in a straight
        line; those outside have the value of the nearest.
        """
        return np.asarray(_blend(self.rows) @ values @ _blend(self.columns).T)

    def centre(self, row: int, column: int) -> tuple[int, int]:
        """The pixel (row, column) in the middle of a field."""
        return round(self.rows.centres[row]), round(self.columns.centres[column])


def _blend(fields: Fields) -> np.ndarray:
    """(side, count): how much of each field a pixel takes; each row sums to 1."""
    pixels = np.arange(fields.side)
    shares = [np.interp(pixels, fields.centres, one) for one in np.eye(fields.count)]
    return np.stack(shares, axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What a layer moves over the fields before it, along one side."""

    size: int = 1
    stride: int = 1
    fixed: tuple[int, int] = (0, 0)  # padding before and after
    same: bool = False  # padding as TensorFlow counts it, so that a stride of 1 keeps the count

    def padding(self, count: int) -> tuple[int, int]:
        if not self.same:
            return self.fixed
        made = math.ceil(count / self.stride)
        total = max((made - 1) * self.stride + self.size - count, 0)
        return total // 2, total - total // 2


def _along(axis: int, layers: Sequence[Layer], end: str) -> Fields:
    known: dict[str, Fields] = {}
    for layer in layers:
        if layer.kind == "InputLayer":
            side = int(layer.settings["batch_shape"][1 + axis])
            known[layer.name] = Fields(count=side, side=side)
        else:
            # Branches that meet again have the same fields.
            known[layer.name] = _behind(layer, axis, known[layer.inputs[0]])
        if layer.name == end:
            break
    return known[end]


def _behind(layer: Layer, axis: int, before: Fields) -> Fields:
    if layer.kind == "Resizing":
        return before.resized(layer.settings[("height", "width")[axis]])
    return before.seen_through(_window(layer, axis))


def _window(layer: Layer, axis: int) -> _Window:
    settings: Mapping[str, Any] = layer.settings
    if layer.kind == "ZeroPadding2D":
        before, after = settings["padding"][axis]
        return _Window(fixed=(before, after))
    if layer.kind == "Conv2D":
        spread = settings["dilation_rate"][axis]
        size = (settings["kernel_size"][axis] - 1) * spread + 1
    elif layer.kind in _POOLINGS:
        size = settings["pool_size"][axis]
    elif _OF_WINDOWS & settings.keys():
        raise ForeignCheckpoint(
            expected="windows of a kind among AveragePooling2D, Conv2D, MaxPooling2D, Resizing, "
            "ZeroPadding2D",
            received=f"a layer {layer.kind}",
            action="Install the checkpoint again; or, where it is the right one, add this kind of "
            "layer to models/field_grid.py, as CONTRIBUTING.md tells.",
        )
    else:
        return _Window()
    return _Window(size=size, stride=settings["strides"][axis], same=settings["padding"] == "same")
