"""Grid: the squares of a large image that a sweep asks a model about."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import cv2
import numpy as np

from models.decoded import DecodedImage
from models.size_limits import MIN_SIDE
from models.specs import RegionSpec
from portal.region import Region, RegionRefused

MOST = 144
"""Squares of one sweep; at 100 ms each these are a quarter of a minute."""

_STRIDES = (1 / 2, 3 / 4, 1)  # shares of the side, finest first; a wider one would leave gaps
_LONGEST = 1024  # pixels of the reduced image in which background is looked for


class TooSmallToMap(RegionRefused):
    title = "The image is too small for a map"
    action = "Send a larger one, or ask for one verdict of the whole image."


class SmallSquares(RegionRefused):
    title = "The squares of the map would be too small"
    action = "Choose a larger side."
    program_action = "Send a larger side."


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
    def of(
        cls,
        image: DecodedImage,
        spec: RegionSpec,
        side: int | None = None,
        *,
        least: int = MIN_SIDE,
    ) -> Self:
        """The finest grid of an image that has few enough squares, half a side apart or more.

        Args:
            image: as it was decoded.
            spec: what models of its modality read at a time.
            side: of the squares, in pixels; None takes the length of those of the training images,
                but not fewer than `least`.
            least: pixels of a side below which every square is refused.

        Raises:
            TooSmallToMap: its own shorter side is smaller than that.
            SmallSquares: the side is smaller than that.
            SquareOutside: the image is smaller than one square.
            TooManySquares: side by side there are still too many.
            NothingToMap: no square shows enough of what models learnt from.
        """
        if image.side < least:
            raise TooSmallToMap(
                expected=f"sides of at least {least} pixels, as of one square",
                received=f"an image of {image.width} x {image.height} pixels",
            )
        side = side or max(spec.side_in(image.spacing), least)
        if side < least:
            raise SmallSquares(
                expected=f"squares of at least {least} pixels on a side, as of single images",
                received=f"squares of {side} pixels",
            )
        Region.inside(image, left=0, top=0, side=side)
        foreground = _Foreground(image, spec)
        for factor in _STRIDES:
            stride = max(1, round(factor * side))
            columns, rows = _starts(image.width, side, stride), _starts(image.height, side, stride)
            shown = foreground.suffices(columns, rows, side)
            count = int(np.count_nonzero(shown))
            if not count:
                raise NothingToMap(
                    expected=f"squares of {side} pixels, of which one at least is to "
                    f"{round(100 * spec.least_foreground)} % not {spec.background}",
                    received=f"{in_numbers(shown.size)} of {spec.background}",
                )
            if count <= MOST:
                return cls(
                    side=side,
                    stride=stride,
                    regions=tuple(
                        Region.inside(image, left=columns[column], top=rows[row], side=side)
                        for row, column in np.argwhere(shown)
                    ),
                    skipped=shown.size - count,
                    columns=columns,
                    rows=rows,
                )
        raise TooManySquares(
            expected=f"at most {MOST} squares",
            received=f"{count} squares of {side} pixels, side by side",
        )

    def cell(self, region: Region) -> tuple[float, float, float, float]:
        """What a map colours for a square: (x, y, width, height) in pixels of the image.

        Cells do not overlap: each ends half-way to the next square's middle, or with the image.
        """
        x, width = _stretch(self.columns, region.left, self.side, region.width)
        y, height = _stretch(self.rows, region.top, self.side, region.height)
        return x, y, width, height


def in_numbers(count: int) -> str:
    """So many squares in a sentence."""
    return "1 square" if count == 1 else f"{count} squares"


class _Foreground:
    """How much of a square shows what models learnt from."""

    def __init__(self, image: DecodedImage, spec: RegionSpec) -> None:
        scale = min(1.0, _LONGEST / max(image.width, image.height))
        size = max(1, round(scale * image.width)), max(1, round(scale * image.height))
        small = cv2.resize(image.pixels, size, interpolation=cv2.INTER_AREA)
        self._sums = cv2.integral(spec.foreground(small).astype(np.uint8))
        self._across, self._down = size[0] / image.width, size[1] / image.height
        self._least = spec.least_foreground

    def suffices(self, columns: tuple[int, ...], rows: tuple[int, ...], side: int) -> np.ndarray:
        """Which squares show enough of it, (rows, columns) bool; they may be a million."""
        left, right = _ends(columns, side, self._across)
        top, bottom = _ends(rows, side, self._down)
        sums = self._sums
        shown = (
            sums[np.ix_(bottom, right)]
            - sums[np.ix_(top, right)]
            - sums[np.ix_(bottom, left)]
            + sums[np.ix_(top, left)]
        )
        return np.asarray(shown >= self._least * np.outer(bottom - top, right - left))


def _ends(starts: tuple[int, ...], side: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Begins and ends of squares along an axis of the reduced image, at least a pixel apart."""
    begins = np.array(starts)
    low = np.rint(scale * begins).astype(int)
    high = np.rint(scale * (begins + side)).astype(int)  # the last is the length of the axis
    low = np.minimum(low, high[-1] - 1)
    return low, np.maximum(high, low + 1)


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
