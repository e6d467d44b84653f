"""What an image looks like, in some forty plain numbers: gray levels, texture, place, colour.

The input gate compares these with the training images of a modality. They are taken from the
image as a network sees its outlines, 224 x 224 pixels, so that they hardly depend on the size of
the upload; colour is looked at before it is thrown away.
"""

from collections.abc import Mapping

import cv2
import numpy as np

from models.preprocessing import SIDE

COLOURED = 20  # difference of the largest and the smallest channel from which a pixel has colour
_BANDS = 5  # octaves of detail
_COARSE = (16, 16)  # blocks
_LEAST = 0.1  # gray levels, below which there is no detail
_QUANTILES = (1, 5, 25, 50, 75, 95, 99)
_WHITE = 255.0
_NO_COLOUR = {
    "coloured": 0.0,
    "green_to_red": 128 / _WHITE,
    "blue_to_yellow": 128 / _WHITE,
    "spread_green_to_red": 0.0,
    "spread_blue_to_yellow": 0.0,
    "light_with_red": 0.0,
    "light_with_yellow": 0.0,
    "red_with_yellow": 0.0,
    "purple": 0.0,
}

OF_COLOUR = tuple(_NO_COLOUR)
"""The numbers that say nothing of a gray image."""


def appearance(pixels: np.ndarray) -> Mapping[str, float]:
    """The numbers of one image by name; finite for every image.

    Args:
        pixels: (height, width, 3) uint8 RGB; left alone.
    """
    small = _small(_without_copies(pixels))
    gray = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    shades = gray.astype(np.float32)
    coarse = cv2.resize(shades, _COARSE, interpolation=cv2.INTER_AREA)
    return {
        **_levels(gray),
        **_detail(shades),
        **_blocks(shades, coarse),
        **_places(shades, coarse),
        **_colours(small),
    }


def _without_copies(pixels: np.ndarray) -> np.ndarray:
    """The one channel of a gray image, which stands there three times; others as they are."""
    red, green, blue = cv2.split(pixels)
    return red if np.array_equal(red, green) and np.array_equal(green, blue) else pixels


def _coloured(small: np.ndarray) -> float:
    red, green, blue = cv2.split(small)
    chroma = cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)
    return float(np.count_nonzero(chroma > COLOURED)) / chroma.size


def _small(pixels: np.ndarray) -> np.ndarray:
    """224 x 224 pixels, by means over areas where the image is larger."""
    height, width = pixels.shape[:2]
    if (height, width) == (SIDE, SIDE):
        return pixels
    way = cv2.INTER_CUBIC if min(height, width) < SIDE else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, (SIDE, SIDE), interpolation=way))


def _levels(gray: np.ndarray) -> dict[str, float]:
    """How light and dark are spread, whatever lies where."""
    counts = cv2.calcHist([gray], [0], None, [256], [0, 256]).ravel().astype(np.float64) / gray.size
    below = np.cumsum(counts)
    found = {
        f"level_{percent}": float(np.searchsorted(below, percent / 100)) / _WHITE
        for percent in _QUANTILES
    }
    coarse = counts.reshape(32, 8).sum(axis=1)
    some = coarse[coarse > 0]
    return found | {
        "black": float(counts[:6].sum()),
        "white": float(counts[250:].sum()),
        "entropy": float(-(some * np.log2(some)).sum()),
        "peak": float(coarse.max()),
        "used": float(np.count_nonzero(counts)) / 256,
    }


def _detail(shades: np.ndarray) -> dict[str, float]:
    """How strong and how sparse the detail of each octave is, and which way it runs."""
    found: dict[str, float] = {}
    rest = shades
    for band in range(_BANDS):
        smooth = cv2.GaussianBlur(rest, (5, 5), 1.0)
        fine = cv2.absdiff(rest, smooth)
        mean, square = float(fine.mean()), float(np.sqrt(np.mean(fine * fine)))
        found[f"detail_{band}"] = float(np.log(square + _LEAST))
        found[f"sparse_{band}"] = float(np.log((square + _LEAST) / (mean + _LEAST)))
        if band in (0, 2):
            across = float(cv2.absdiff(rest[:, 1:], rest[:, :-1]).mean()) + _LEAST
            down = float(cv2.absdiff(rest[1:], rest[:-1]).mean()) + _LEAST
            found[f"across_{band}"] = float(np.log(across / down))
        rest = cv2.resize(smooth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return found


def _blocks(shades: np.ndarray, means: np.ndarray) -> dict[str, float]:
    """How texture varies from block to block, and with brightness."""
    squares = cv2.resize(shades * shades, _COARSE, interpolation=cv2.INTER_AREA)
    spread = np.log(np.sqrt(np.maximum(squares - means * means, 0.0)) + 1.0)
    low, middle, high = np.percentile(spread, (10, 50, 90))
    both = np.corrcoef(means.ravel(), spread.ravel()) if means.std() * spread.std() > 1e-3 else None
    return {
        "calm_blocks": float(low),
        "usual_blocks": float(middle),
        "busy_blocks": float(high),
        "busy_where_bright": 0.0 if both is None else float(both[0, 1]),
        "between_blocks": float(np.log(means.std() + 1.0)),
    }


def _places(shades: np.ndarray, coarse: np.ndarray) -> dict[str, float]:
    """Where it is light and dark: rows, columns, border, symmetry."""
    rows, columns = shades.mean(axis=1), shades.mean(axis=0)
    third, edge = SIDE // 3, SIDE // 16
    strips = (shades[:edge], shades[-edge:], shades[:, :edge], shades[:, -edge:])
    rim = np.concatenate([strip.ravel() for strip in strips])
    sides = abs(float(columns[:third].mean() - columns[-third:].mean()))
    return {
        "top_over_bottom": float(rows[:third].mean() - rows[-third:].mean()) / _WHITE,
        "one_side": sides / _WHITE,
        "rim": float(rim.mean() - shades.mean()) / _WHITE,
        "rim_spread": float(np.log(rim.std() + 1.0)),
        "mirrored": float(np.abs(coarse - coarse[:, ::-1]).mean()) / _WHITE,
        "row_steps": float(np.log(np.abs(np.diff(rows)).max() + 1.0)),
        "column_steps": float(np.log(np.abs(np.diff(columns)).max() + 1.0)),
    }


def _colours(small: np.ndarray) -> dict[str, float]:
    """Which colours there are, and how they go with light."""
    if small.ndim == 2 or _without_copies(small).ndim == 2:  # fine colour may vanish in means
        return dict(_NO_COLOUR)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32) / _WHITE
    means, spreads = cv2.meanStdDev(lab)
    light, first, second = (channel.ravel() - channel.mean() for channel in cv2.split(lab))
    red, green, blue = cv2.split(small)
    purple = (green < red) & (green < blue)
    return {
        "coloured": _coloured(small),
        "green_to_red": float(means[1, 0]),
        "blue_to_yellow": float(means[2, 0]),
        "spread_green_to_red": float(spreads[1, 0]),
        "spread_blue_to_yellow": float(spreads[2, 0]),
        "light_with_red": _with(light, first),
        "light_with_yellow": _with(light, second),
        "red_with_yellow": _with(first, second),
        "purple": float(np.count_nonzero(purple)) / purple.size,
    }


def _with(first: np.ndarray, second: np.ndarray) -> float:
    """The correlation of two centred rows; 0 where one of them is constant."""
    size = float(np.sqrt(np.dot(first, first) * np.dot(second, second)))
    return float(np.dot(first, second)) / size if size > 1e-3 else 0.0
