"""Grouping pictures of which one is cut from another, or is the same frame scaled.

A crop has another fingerprint than the whole picture (see `near_duplicates`), but it shows the same
details. They are compared as SIFT features (Lowe, "Distinctive image features from scale-invariant
keypoints", 2004); two pictures are one frame where one shift, turn and scale carries many features
of the one to their likes in the other. In BUSI two copies of a frame share 50 to 250 of these, two
pictures of different groups at most 18, most of them in words of the scanner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipelines.datasets.groups import Groups
from pipelines.progress import shown

SAME_FRAME = 40  # features that have to fit

_FEATURES = 250  # of a picture, the clearest ones
_CLEARER = 0.72  # how much nearer, in squared distance, its like is than the next feature
_NEAR = 4.0  # pixels by which a feature may miss its like


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The clearest details of a picture."""

    places: np.ndarray  # (n, 2) float32 pixels, x before y
    details: np.ndarray  # (n, 128) float32 of length 1


def features(pixels: np.ndarray) -> Features:
    """Find the details of a picture; none where it is flat.

    Args:
        pixels: (height, width, 3) uint8 RGB.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    places, details = cv2.SIFT.create(nfeatures=_FEATURES).detectAndCompute(gray, None)
    if not places:
        return Features(places=np.zeros((0, 2), np.float32), details=np.zeros((0, 128), np.float32))
    # Roots of shares compare better than distances (Arandjelovic and Zisserman, "RootSIFT", 2012).
    shares = details / np.maximum(details.sum(axis=1, keepdims=True), 1e-6)
    return Features(
        places=np.array([place.pt for place in places], np.float32),
        details=np.sqrt(shares, dtype=np.float32),
    )


def join_same_frames(groups: Groups, members: Sequence[int], found: Sequence[Features]) -> None:
    """Join whatever shows the same frame, or a part of it.

    Args:
        groups: of all pictures.
        members: the numbers of the pictures to compare.
        found: their features.
    """
    ends = np.cumsum([len(one.details) for one in found])
    details = np.concatenate([one.details for one in found]) if found else np.zeros((0, 128))
    for index, one in enumerate(shown(found, "Comparing frames", "image")):
        before = ends[:index]
        # One product for all earlier pictures: many small ones keep the cores waiting.
        likenesses = np.split(details[: before[-1]] @ one.details.T, before[:-1]) if index else ()
        for earlier, likeness in enumerate(likenesses):
            if _fits(found[earlier], one, likeness):
                groups.join(members[earlier], members[index])


def _fits(one: Features, other: Features, likeness: np.ndarray) -> bool:
    """Whether enough features of one picture lie in the other as one movement puts them.

    ``likeness`` are the (n, m) cosines of their features, and is overwritten.
    """
    if min(likeness.shape) < SAME_FRAME:
        return False
    rows, nearest = np.arange(len(likeness)), likeness.argmax(axis=1)
    distance = 1 - likeness[rows, nearest]
    likeness[rows, nearest] = -1.0
    clear = distance < _CLEARER * (1 - likeness.max(axis=1))
    if np.count_nonzero(clear) < SAME_FRAME:
        return False
    _, fits = cv2.estimateAffinePartial2D(
        one.places[clear], other.places[nearest[clear]], ransacReprojThreshold=_NEAR
    )
    if fits is None:
        return False
    likes = nearest[clear][fits.ravel() > 0]
    return len(np.unique(likes)) >= SAME_FRAME  # a movement can also shrink all of them to one
