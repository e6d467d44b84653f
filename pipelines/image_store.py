"""Prepared images, read from disk once and then kept, as far as memory is granted."""

from pathlib import Path

import cv2
import numpy as np

MEMORY = 2**30  # bytes; 7,133 images of 224 x 224 x 3


def read_image(path: Path) -> np.ndarray:
    """A prepared image: (224, 224, 3) uint8 RGB.

    Raises:
        FileNotFoundError: there is no image.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(path)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


class ImageStore:
    """Keeps decoded images until its memory is full; the others are read again every time.

    Decoding costs most of what a training image costs. As every epoch asks for every image, none
    is worth more than another, and none is dropped for another.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        """Keep at most ``memory`` bytes of pixels."""
        self._left = memory
        self._kept: dict[Path, np.ndarray] = {}

    def read(self, path: Path) -> np.ndarray:
        """The image, as ``read_image`` gives it; it must not be written to."""
        found = self._kept.get(path)
        if found is None:
            found = read_image(path)
            found.flags.writeable = False
            if found.nbytes <= self._left:
                self._left -= found.nbytes
                self._kept[path] = found
        return found
