"""Decoded pixels -> what a network sees: each modality's own image step, one function each.

Training and serving both call these. What belongs to a backbone (its ImageNet scaling) is
inside the network, not here.
"""

import cv2
import numpy as np

SIDE = 224

MEDIAN_SIDE = 3  # pixels of the upload
CLAHE_CLIP = 2.0
CLAHE_TILES = 8  # on a side

TRANSMITTED = 240.0  # brightness of bare glass, of 255
LEAST_DENSITY = 0.15  # optical density; paler pixels are glass ("beta" in the paper)
ANGLE_TAIL = 1.0  # percent cut off at either end of the angles ("alpha" in the paper)
LEAST_SPREAD = 0.01  # standard deviation of density across the main axis; tissue has 0.025
LEAST_TISSUE = 0.01  # share of the tile
LEAST_STRENGTH = 0.05  # 99th percentile of either stain; tissue has 0.1 and more
LEAST_ANGLE = 0.05  # radians between the two stains; tissue has 0.2 and more
REFERENCE_STAINS = np.array(
    [[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]], dtype=np.float32
)  # optical density of R, G, B (rows) per unit of haematoxylin and eosin (columns)
REFERENCE_STRENGTHS = np.array([1.9705, 1.0308], dtype=np.float32)  # 99th percentiles

_DENSITY_OF_WHITE = np.float32(-np.log(255.0 / TRANSMITTED))
_DENSITY_OF = -np.log((np.arange(256, dtype=np.float64) + 1.0) / TRANSMITTED).astype(np.float32)


def prepare_mammography(pixels: np.ndarray) -> np.ndarray:
    """Gray, resized by area.

    Args:
        pixels: (height, width, 3) uint8 RGB; left alone.

    Returns:
        (224, 224, 3) float32 in 0..255, three equal channels.

    Raises:
        ValueError: ``pixels`` has another shape or type.
    """
    return _three_channels(_resized(_gray(_checked(pixels))))


def prepare_ultrasound(pixels: np.ndarray) -> np.ndarray:
    """Gray, speckle removed, resized by area, contrast equalised locally.

    Args:
        pixels: (height, width, 3) uint8 RGB; left alone.

    Returns:
        (224, 224, 3) float32 in 0..255, three equal channels.

    Raises:
        ValueError: ``pixels`` has another shape or type.

    Source: contrast-limited adaptive histogram equalisation, K. Zuiderveld, Graphics Gems IV
    (1994).
    """
    denoised = cv2.medianBlur(_gray(_checked(pixels)), MEDIAN_SIDE)
    # A CLAHE object holds buffers: one per call keeps threads apart.
    clahe = cv2.createCLAHE(clipLimit=CLAHE_CLIP, tileGridSize=(CLAHE_TILES, CLAHE_TILES))
    return _three_channels(clahe.apply(_resized(denoised)))


def prepare_histopathology(pixels: np.ndarray) -> np.ndarray:
    """Resized by area, stains brought to a common reference.

    Args:
        pixels: (height, width, 3) uint8 RGB; left alone.

    Returns:
        (224, 224, 3) float32 in 0..255, in whole levels, so that a PNG holds them exactly. A tile
        whose two stains cannot be told apart (too little tissue, one colour only, gray) comes
        back resized and not normalised.

    Raises:
        ValueError: ``pixels`` has another shape or type.
    """
    return np.asarray(np.rint(normalise_stains(_resized(_checked(pixels)))))


def prepare_outline(mask: np.ndarray) -> np.ndarray:
    """An outline drawn on an upload, where it lies in the prepared image.

    Args:
        mask: (height, width) bool; left alone.

    Returns:
        (224, 224) bool: pixels of which at least half were inside.
    """
    return np.asarray(_resized(mask.astype(np.uint8) * np.uint8(255)) >= 128)


def normalise_stains(tile: np.ndarray) -> np.ndarray:
    """Bring haematoxylin and eosin of a tile to the reference colours and strengths.

    Args:
        tile: (height, width, 3) uint8 RGB; left alone.

    Returns:
        (height, width, 3) float32 in 0..255; the tile unchanged where its two stains cannot be
        told apart.

    Source: M. Macenko et al., A method for normalizing histology slides for quantitative
    analysis, ISBI 2009; reference values of the authors' published implementation.
    """
    density = cv2.LUT(tile, _DENSITY_OF).reshape(-1, 3)
    stains = _stains(density)
    if stains is None:
        return tile.astype(np.float32)
    strengths = density @ np.linalg.pinv(stains).T
    strongest = np.percentile(strengths, 99.0, axis=0).astype(np.float32)
    if strongest.min() < LEAST_STRENGTH:
        return tile.astype(np.float32)
    transfer = (REFERENCE_STAINS * (REFERENCE_STRENGTHS / strongest)).T
    # The limit of 255 is set before the exponential, which could overflow.
    density_shown = np.maximum(strengths @ transfer, _DENSITY_OF_WHITE)
    brightness = np.exp(-density_shown) * np.float32(TRANSMITTED)
    shown: np.ndarray = np.minimum(brightness, np.float32(255.0)).reshape(tile.shape)
    return shown


def _stains(density: np.ndarray) -> np.ndarray | None:
    """The colours of haematoxylin and eosin, or None where they cannot be told apart.

    Args:
        density: (pixels, 3) float32 optical densities of R, G, B.

    Returns:
        (3, 2) float32: unit vectors in columns, haematoxylin first.
    """
    red, green, blue = density.T
    # Three long rows: a minimum along an axis of length 3 takes thirty times as long.
    tissue = density[np.minimum(np.minimum(red, green), blue) >= LEAST_DENSITY]
    if len(tissue) < max(2.0, LEAST_TISSUE * len(density)):
        return None
    variances, axes = np.linalg.eigh(np.cov(tissue, rowvar=False))
    if variances[1] < LEAST_SPREAD**2:
        return None
    plane = axes[:, 1:].astype(np.float32)  # the second axis, then the main one
    across, along = (tissue @ plane).T
    angles = np.percentile(np.arctan2(along, across), [ANGLE_TAIL, 100.0 - ANGLE_TAIL])
    if angles[1] - angles[0] < LEAST_ANGLE:
        return None
    first, second = (plane @ np.array([np.cos(angles), np.sin(angles)], dtype=np.float32)).T
    # Haematoxylin absorbs more red than eosin does.
    ordered = (first, second) if first[0] > second[0] else (second, first)
    return np.stack(ordered, axis=1)


def _checked(pixels: np.ndarray) -> np.ndarray:
    """The same pixels, contiguous in memory."""
    is_image = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size > 0
    if not is_image or pixels.dtype != np.uint8:
        raise ValueError(
            "expected (height, width, 3) uint8 pixels, "
            f"received {pixels.shape} {pixels.dtype} pixels"
        )
    return np.ascontiguousarray(pixels)


def _gray(pixels: np.ndarray) -> np.ndarray:
    """(height, width) uint8 luma. Source: ITU-R BT.601."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)


def _resized(pixels: np.ndarray) -> np.ndarray:
    """224 x 224 pixels: means over areas where the image is larger, cubic where it is smaller."""
    height, width = pixels.shape[:2]
    # In one call OpenCV drops the area rule for both axes as soon as one of them grows.
    shrunk = cv2.resize(pixels, (min(width, SIDE), min(height, SIDE)), interpolation=cv2.INTER_AREA)
    return cv2.resize(shrunk, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def _three_channels(gray: np.ndarray) -> np.ndarray:
    """(height, width) uint8 -> (height, width, 3) float32."""
    return cv2.merge([gray.astype(np.float32)] * 3)
