"""Images that are at hand wherever a model is opened, since they are computed."""

import cv2
import numpy as np

from models.precision import PROBES


def probes() -> list[np.ndarray]:
    """Smooth coloured pictures, always the same, each (1, 224, 224, 3) float32 in 0..255."""
    random = np.random.default_rng(1)
    pictures = []
    for index in range(PROBES):
        coarse = random.uniform(0, 255, (4 + 2 * index, 4 + 2 * index, 3)).astype(np.float32)
        picture = cv2.resize(coarse, (224, 224), interpolation=cv2.INTER_CUBIC)
        pictures.append(np.clip(picture, 0, 255)[np.newaxis])
    return pictures
