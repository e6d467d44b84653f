"""Whether a network says at a lower precision what it says at the full one."""

import cv2
import numpy as np

from portal.errors import PrecisionRefused
from portal.network import Network

LARGEST = 0.02
"""How far a probability may move."""

_IMAGES = 12


def require(exact: Network, rough: Network, precision: str) -> None:
    """Refuse a precision at which the answers to synthetic images move too far.

    These images are a guard that is at hand wherever a model is opened. How far the answers to
    the hold-out images move is measured apart, where those images are.

    Raises:
        PrecisionRefused: an answer moves by more than 0.02.
    """
    moved = max(abs(exact(image) - rough(image)) for image in probes())
    if not moved <= LARGEST:  # so that an answer that is no number is refused too
        raise PrecisionRefused(
            expected=f"answers that move by at most {LARGEST:.2f} at {precision}",
            received=f"a move of {moved:.3f}",
        )


def probes() -> list[np.ndarray]:
    """Smooth coloured pictures, always the same, each (1, 224, 224, 3) float32 in 0..255."""
    random = np.random.default_rng(1)
    pictures = []
    for index in range(_IMAGES):
        coarse = random.uniform(0, 255, (4 + 2 * index, 4 + 2 * index, 3)).astype(np.float32)
        picture = cv2.resize(coarse, (224, 224), interpolation=cv2.INTER_CUBIC)
        pictures.append(np.clip(picture, 0, 255)[np.newaxis])
    return pictures
