"""What of a large image shows tissue, and what is black film or bare glass."""

import cv2
import numpy as np

_BLUR = 2.0  # pixels, standard deviation
_LEAST_SATURATION = 25  # of 255
_GLASS = 215  # of 255; pixels that are brighter in every channel are glass


def tissue_mask(pixels: np.ndarray) -> np.ndarray:
    """Where there is stained tissue, (height, width) bool: coloured or dark, not bare glass.

    Args:
        pixels: (height, width, 3) uint8 RGB.
    """
    smooth = cv2.GaussianBlur(pixels, (0, 0), _BLUR)
    saturation = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)[:, :, 1]
    return np.asarray((saturation > _LEAST_SATURATION) & (smooth.min(axis=2) < _GLASS))


def film_mask(pixels: np.ndarray) -> np.ndarray:
    """Where a film is not black, (height, width) bool: gray above half of Otsu's threshold.

    Args:
        pixels: (height, width, 3) uint8 RGB.

    Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
    on Systems, Man, and Cybernetics 9 (1979).
    """
    smooth = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), _BLUR)
    level, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(smooth > 0.5 * level)
