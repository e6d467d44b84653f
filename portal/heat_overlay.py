"""A heat-map laid over what the model saw, for a file: where a page leaves that to the browser."""

import base64
import io

import cv2
import numpy as np
from PIL import Image

from portal.explanation import COLOURS

OPACITY = 0.7
"""Of the strongest place; what the pages begin with."""


def image_of(png: str) -> np.ndarray:
    """The pixels of a PNG in base64: (height, width, 3) uint8 RGB."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"))


def overlaid(prepared_png: str, strength_png: str) -> np.ndarray:
    """What a model saw under its heat-map.

    Args:
        prepared_png: the image, in base64.
        strength_png: the heat-map, gray and of the same size, in base64; white is strongest.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    strength = image_of(strength_png)[:, :, :1]
    opacity = OPACITY * strength.astype(np.float32) / 255
    blended = (1 - opacity) * image_of(prepared_png) + opacity * _coloured(strength)
    return np.asarray(np.rint(blended), np.uint8)


def ramp(width: int) -> np.ndarray:
    """The colours from weak, at the left, to strong: (1, width, 3) uint8 RGB."""
    return _coloured(np.linspace(0, 255, width).astype(np.uint8)[np.newaxis])


def _coloured(levels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(levels, COLOURS), cv2.COLOR_BGR2RGB))
