"""Grid: the squares of a large image that a sweep asks a model about."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import cv2
import numpy as np

from models.decoded import DecodedImage
from models.specs import RegionSpec
from portal.region import Region, RegionRefused

MOST = 144
"""Squares of one sweep; at 100 ms each these are a quarter of a minute."""

_STRIDES = (1 / 2, 3 / 4, 1)  # shares of the side, finest first; a wider one would leave gaps
_LONGEST = 1024  # pixels of the reduced image in which background is looked for


class TooManySquares(RegionRefused):
    title = "The map would have too many squares"
    action = "Choose a larger side, or place the square on the part in question."


class NothingToMap(RegionRefused):
    title = "There is nothing to map"
    action = "Place the square on the part in question."


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Squares of one side, row by row, of which those that are mostly background are left out."""

    side: int  # pixels
    stride: int  # pixels from one square to the next; the last of a row ends with the image
    regions: tuple[Region, ...]  # at least one, at most ``MOST``
    skipped: int  # squares that are left out
    columns: tuple[int, ...]  # left edges, pixels
    rows: tuple[int, ...]  # upper edges, pixels

    @classmethod
    def of(cls, image: DecodedImage, spec: RegionSpec, side: int | None = None) -> Self:
        """The finest grid of an image that has few enough squares, half a side apart or more.

        Args:
            image: as it was decoded.
            spec: what models of its modality read at a time.
            side: of the squares, in pixels; None takes that of the training images.

        Raises:
            SquareOutside: the image is smaller than one square.
            TooManySquares: side by side there are still too many.
            NothingToMap: no square shows enough of what models learnt from.
        """
        side = side or spec.side
        Region.inside(image, left=0, top=0, side=side)
        share = _Foreground(image, spec)
        for factor in _STRIDES:
            grid = cls._at(image, share, side, max(1, round(factor * side)))
            if not grid.regions:
                raise NothingToMap(
                    expected=f"squares of {side} pixels, of which one at least is to "
                    f"{round(100 * spec.least_foreground)} % not {spec.background}",
                    received=f"{grid.skipped} squares of {spec.background}",
                )
            if len(grid.regions) <= MOST:
                return grid
        raise TooManySquares(
            expected=f"at most {MOST} squares",
            received=f"{len(grid.regions)} squares of {side} pixels, side by side",
        )

    @classmethod
    def _at(cls, image: DecodedImage, share: "_Foreground", side: int, stride: int) -> Self:
        columns, rows = _starts(image.width, side, stride), _starts(image.height, side, stride)
        every = [
            Region.inside(image, left=left, top=top, side=side) for top in rows for left in columns
        ]
        kept = tuple(region for region in every if share.suffices(region))
        return cls(
            side=side,
            stride=stride,
            regions=kept,
            skipped=len(every) - len(kept),
            columns=columns,
            rows=rows,
        )

    def cell(self, region: Region) -> tuple[float, float, float, float]:
        """What a map colours for a square: (x, y, width, height) in pixels of the image.

        Cells do not overlap: each ends half-way to the next square's middle, or with the image.
        """
        x, width = _stretch(self.columns, region.left, self.side, region.width)
        y, height = _stretch(self.rows, region.top, self.side, region.height)
        return x, y, width, height


class _Foreground:
    """How much of a square shows what models learnt from."""

    def __init__(self, image: DecodedImage, spec: RegionSpec) -> None:
        scale = min(1.0, _LONGEST / max(image.width, image.height))
        size = max(1, round(scale * image.width)), max(1, round(scale * image.height))
        small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
        self._sums = cv2.integral(spec.foreground(small).astype(np.uint8))
        self._across, self._down = size[0] / image.width, size[1] / image.height
        self._least = spec.least_foreground

    def suffices(self, region: Region) -> bool:
        left, top = round(self._across * region.left), round(self._down * region.top)
        right = max(left + 1, round(self._across * (region.left + region.side)))
        bottom = max(top + 1, round(self._down * (region.top + region.side)))
        sums = self._sums
        shown = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return bool(shown >= self._least * (right - left) * (bottom - top))


def _starts(length: int, side: int, stride: int) -> tuple[int, ...]:
    """Where squares begin along an axis; the last one ends with it."""
    last = length - side
    return (*range(0, last, stride), last)


def _stretch(starts: tuple[int, ...], start: int, side: int, length: int) -> tuple[float, float]:
    """Begin and length of a cell along one axis."""
    ends = (0.0, *_middles(starts, side), float(length))
    index = starts.index(start)
    return ends[index], ends[index + 1] - ends[index]


def _middles(starts: tuple[int, ...], side: int) -> Iterator[float]:
    for one, other in pairwise(starts):
        yield (one + other + side) / 2
