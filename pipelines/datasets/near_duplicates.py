"""Grouping pictures that show the same view, so that a split cannot separate them.

A picture's fingerprint is a small gray copy whose local contrast is evened out: two pictures of one
view agree in it although brightness, calipers or a burnt-in word differ. On BUSI the correlation of
two fingerprints separates the same view from two views far more sharply than a difference hash:
the 256-bit hash at its usual distance of 10 finds a quarter of the pairs.
"""

from collections.abc import Sequence

import cv2
import numpy as np

SAME_VIEW = 0.45
_SIDE = 48
_RANGE = 4.0  # pixels of the small copy over which contrast is evened out
_FLOOR = 2.0  # gray levels; keeps noise in flat areas from being blown up
_BLOCK = 512


def fingerprint(pixels: np.ndarray) -> np.ndarray:
    """The (2304,) float32 fingerprint of a picture, of length 1.

    Args:
        pixels: (height, width, 3) uint8 RGB.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    small -= cv2.GaussianBlur(small, (0, 0), _RANGE)
    small /= np.sqrt(cv2.GaussianBlur(small * small, (0, 0), _RANGE)) + _FLOOR
    small -= small.mean()
    flat = small.ravel()
    return flat / max(float(np.linalg.norm(flat)), 1e-6)


def orientations(print_: np.ndarray) -> np.ndarray:
    """The (8, 2304) fingerprints of a picture's quarter turns and mirror images."""
    square = print_.reshape(_SIDE, _SIDE)
    turned = [np.rot90(side, turn) for side in (square, square[:, ::-1]) for turn in range(4)]
    return np.stack([side.ravel() for side in turned])


class Groups:
    """Disjoint groups of the numbers 0 ... count-1; a group is named by its lowest member."""

    def __init__(self, count: int) -> None:
        """Start with every number alone."""
        self._parent = list(range(count))

    def find(self, member: int) -> int:
        """The lowest member of the group that ``member`` is in."""
        while self._parent[member] != member:
            self._parent[member] = self._parent[self._parent[member]]
            member = self._parent[member]
        return member

    def join(self, first: int, second: int) -> None:
        """Make one group of the two that these are in."""
        low, high = sorted((self.find(first), self.find(second)))
        self._parent[high] = low


def join_same_views(
    groups: Groups,
    prints: Sequence[np.ndarray],
    *,
    threshold: float = SAME_VIEW,
    turned: bool = False,
) -> None:
    """Join whatever shows the same view.

    Args:
        groups: over as many members as there are fingerprints.
        prints: fingerprints, in the order of the members.
        threshold: correlation in [-1, 1] from which on two pictures are one view.
        turned: also compare quarter turns and mirror images.
    """
    table = np.stack(prints) if prints else np.zeros((0, _SIDE * _SIDE), np.float32)
    for start in range(0, len(table), _BLOCK):
        block = table[start : start + _BLOCK]
        views = np.stack([orientations(row) for row in block], 1) if turned else block[None]
        likeness = np.max([view @ table[start:].T for view in views], axis=0)
        for row, column in zip(*np.nonzero(likeness >= threshold), strict=True):
            if column > row:
                groups.join(start + int(row), start + int(column))
