"""Where on a mini-MIAS film a crop may be cut, and what is known of each place.

The search runs on the film at a quarter of its size; places are upper left corners of crops on a
grid of 4 pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Self

import cv2
import numpy as np

FILM = 1024
CROP = 256
JITTER = 48
MIN_BREAST = 0.9
_SCALE = 4
_SIDE = CROP // _SCALE
_SIZE = FILM // _SCALE
_LAST = _SIZE - _SIDE
_PADDING = 8  # gray level up to which a whole row or column is padding around the film
_REACH = 80 / _SCALE  # a lesion stays within this distance of its crop's centre
_FLAT = 12  # standard deviation in gray levels up to which an area is a label or a bare strip

Point = tuple[int, int]
"""Row from the top and column, in pixels of the whole film."""


@dataclass(frozen=True, slots=True)
class Places:
    """Every place of a film where a crop can be cut."""

    share: np.ndarray  # (places, places) of breast, in [0, 1]; halved where a crop leaves the film
    features: np.ndarray  # (places, places, 4): depth, height, brightness, share; each in [0, 1]

    @classmethod
    def of(cls, film: np.ndarray) -> Self:
        """The places of a film, (1024, 1024, 3) uint8.

        Depth is the distance of the crop's centre from the breast's edge, as a share of the film;
        height is where the centre lies between the breast's top (0) and bottom (1).
        """
        gray = cv2.resize(film[:, :, 0], (_SIZE, _SIZE), interpolation=cv2.INTER_AREA)
        mask = breast_mask(gray)
        depth = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
        centres = slice(_SIDE // 2, _SIDE // 2 + _LAST + 1)
        rows = np.flatnonzero(mask.any(axis=1))
        top, bottom = (rows[0], rows[-1]) if rows.size else (0, _SIZE)
        height = (np.arange(_SIZE) - top) / max(bottom - top, 1)
        breast = _box_mean(mask.astype(np.float64))
        features = (
            depth[centres, centres] / _SIZE,
            np.broadcast_to(height[centres, None], breast.shape),
            _box_mean(gray.astype(np.float64)) / 255,
            breast,
        )
        inside = np.outer(*(_within(gray.max(axis=axis) > _PADDING) for axis in (1, 0)))
        return cls(np.where(inside, breast, breast / 2), np.stack(features, axis=-1))

    def near(self, centre: Point, random: Random) -> Point:
        """The corner of a crop around a jittered centre, moved as little as brings it into tissue.

        Where no place near enough has the least share of breast, the one with the most is taken.
        """
        ideal = [(middle - CROP // 2) / _SCALE for middle in centre]
        wanted = [middle + JITTER * (2 * random.random() - 1) / _SCALE for middle in ideal]
        rows, columns = np.indices(self.share.shape)
        close = np.maximum(abs(rows - ideal[0]), abs(columns - ideal[1])) <= _REACH
        if not close.any():  # a lesion at the film's edge: no crop has it near its middle
            close = np.ones_like(close)
        good = close & (self.share >= MIN_BREAST)
        away = np.hypot(rows - wanted[0], columns - wanted[1])
        cost = np.where(good, away, np.inf) if good.any() else np.where(close, -self.share, np.inf)
        row, column = _lowest(cost)
        return row * _SCALE, column * _SCALE

    def like(self, models: Sequence[np.ndarray], random: Random) -> Iterator[Point]:
        """Centres of up to two crops that do not overlap, each as like a random model as can be.

        Args:
            models: (4,) features of the places to resemble.
            random: draws the model of each crop.
        """
        if not models:
            return
        spread = np.std(models, axis=0) + 1e-6
        free = self.share >= MIN_BREAST
        rows, columns = np.indices(free.shape)
        for _ in range(2):
            if not free.any():
                return
            model = models[int(random.random() * len(models))]
            unlike = np.linalg.norm((self.features - model) / spread, axis=-1)
            row, column = _lowest(np.where(free, unlike, np.inf))
            yield row * _SCALE + CROP // 2, column * _SCALE + CROP // 2
            free = free & ((abs(rows - row) >= _SIDE) | (abs(columns - column) >= _SIDE))

    def features_at(self, corner: Point) -> np.ndarray:
        """The (4,) features of the crop at a corner."""
        return np.asarray(self.features[corner[0] // _SCALE, corner[1] // _SCALE])


def breast_mask(gray: np.ndarray) -> np.ndarray:
    """Where the breast is, (height, width) bool: the largest textured area brighter than the film.

    Args:
        gray: (height, width) uint8. Labels and the bright strip of some films are flat: left out.
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), 2.0)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = np.asarray(smooth > 0.5 * level).astype(np.uint8)
    opened = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, areas, stats, _ = cv2.connectedComponentsWithStats(opened)
    sizes = [0] + [
        int(stats[area, cv2.CC_STAT_AREA]) if gray[areas == area].std() > _FLAT else 0
        for area in range(1, count)
    ]
    return np.asarray(areas == int(np.argmax(sizes))) & (max(sizes) > 0)


def _box_mean(values: np.ndarray) -> np.ndarray:
    """The mean over the crop at every place, (places, places)."""
    total = cv2.integral(values)
    rows = total[_SIDE:] - total[:-_SIDE]
    return np.asarray((rows[:, _SIDE:] - rows[:, :-_SIDE]) / _SIDE**2)


def _within(used: np.ndarray) -> np.ndarray:
    """Which corners keep a crop within the used stretch of an axis, (places,) bool."""
    ends = np.flatnonzero(used)
    first, last = (ends[0], ends[-1]) if ends.size else (0, -1)
    corners = np.arange(_LAST + 1)
    return np.asarray((corners >= first) & (corners + _SIDE - 1 <= last))


def _lowest(cost: np.ndarray) -> Point:
    row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
    return int(row), int(column)
