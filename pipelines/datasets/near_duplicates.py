"""Grouping pictures that show the same view, so that a split cannot separate them.

A picture's fingerprint is a small gray copy whose local contrast is evened out: two pictures of one
view agree in it although brightness, calipers or a burnt-in word differ. On BUSI the correlation of
two fingerprints separates the same view from two views far more sharply than a difference hash:
the 256-bit hash at its usual distance of 10 finds a quarter of the pairs.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pipelines.datasets.groups import Groups
from pipelines.progress import shown

SAME_VIEW = 0.45
SIDE = 48
_RANGE = 1 / 12  # of the side; contrast is evened out over this distance
_FLOOR = 2.0  # gray levels; keeps noise in flat areas from being blown up
_BLOCK = 256
_FLAT = 0.5  # a fingerprint is 1 long, but for a flat picture 0


def fingerprint(pixels: np.ndarray, *, side: int = SIDE) -> np.ndarray:
    """The (side * side,) float32 fingerprint of a picture, of length 1; 0 for a flat picture.

    Args:
        pixels: (height, width, 3) uint8 RGB.
        side: of the small copy, in pixels.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    small -= cv2.GaussianBlur(small, (0, 0), _RANGE * side)
    small /= np.sqrt(cv2.GaussianBlur(small * small, (0, 0), _RANGE * side)) + _FLOOR
    small -= small.mean()
    flat = small.ravel()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6))


def _orientations(prints: np.ndarray) -> list[np.ndarray]:
    """The (n, side * side) fingerprints of all quarter turns and mirror images."""
    side = int(np.sqrt(prints.shape[1]))
    square = prints.reshape(-1, side, side)
    return [
        np.ascontiguousarray(np.rot90(view, turn, axes=(1, 2))).reshape(prints.shape)
        for view in (square, square[:, :, ::-1])
        for turn in range(4)
    ]


def join_same_views(
    groups: Groups,
    members: Sequence[int],
    prints: Sequence[np.ndarray],
    *,
    threshold: float = SAME_VIEW,
    turned: bool = False,
) -> None:
    """Join whatever shows the same view; flat pictures, which show nothing, are one view, too.

    Args:
        groups: of all pictures.
        members: the numbers of the pictures to compare, rising.
        prints: their fingerprints, all of one side.
        threshold: correlation in [-1, 1] from which on two pictures are one view.
        turned: also compare quarter turns and mirror images.
    """
    table = np.stack(prints) if prints else np.zeros((0, 1), np.float32)
    blocks = range(0, len(table), _BLOCK)
    for start in shown(blocks, "Comparing views", "block"):
        block, rest = table[start : start + _BLOCK], table[start:].T
        likeness = block @ rest
        for view in _orientations(block)[1:] if turned else ():
            np.maximum(likeness, view @ rest, out=likeness)
        for row, column in zip(*np.nonzero(likeness >= threshold), strict=True):
            if column > row:
                groups.join(members[start + int(row)], members[start + int(column)])
    flat = np.flatnonzero(np.linalg.norm(table, axis=1) < _FLAT)
    for index in flat[1:]:
        groups.join(members[int(flat[0])], members[int(index)])
