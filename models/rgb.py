"""A Pillow image of any mode -> 8-bit RGB pixels, with a sentence for every change made."""

import cv2
import numpy as np
from PIL import Image

from models.decoded import UnsupportedImage

WIDTHS = (8, 10, 12, 14, 16)  # bits that detectors deliver, stored in 16
OPAQUE = 255

Converted = tuple[np.ndarray, tuple[str, ...]]
"""(height, width, 3) uint8 RGB, and one sentence per change."""

_DIRECT = frozenset({"1", "L", "P", "RGB", "RGBX", "YCbCr", "CMYK"})
_WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_NOTES = {
    "1": "1 bit per pixel: only black and white.",
    "P": "The palette's colours were looked up.",
    "PA": "The palette's colours were looked up.",
    "CMYK": "Printing colours (CMYK) were converted to RGB without a colour profile.",
}


def to_rgb(image: Image.Image, *, white_is_zero: bool, kind: type[np.integer] | None) -> Converted:
    """The image as 8-bit RGB.

    Args:
        image: a loaded image.
        white_is_zero: 16 and 32-bit values run from white to black, as TIFF's
            PhotometricInterpretation 0 says; Pillow inverts the smaller ones by itself.
        kind: the type of a gray image's values, where that of the mode has another sign or size;
            None: that of the mode.

    Raises:
        UnsupportedImage: the colours are stored in a way that is not read, such as Lab.
        ValueError: an image of floating-point values has no finite value.
    """
    notes = (_NOTES[image.mode],) if image.mode in _NOTES else ()
    if image.mode.startswith("I;16"):
        return _gray(*_from_16_bits(np.asarray(image)), inverted=white_is_zero)
    if kind is not None:
        return _gray(*_from_own_range(np.asarray(image).astype(kind)), inverted=white_is_zero)
    if image.mode in {"I", "F"}:
        return _gray(*_from_own_range(np.asarray(image)), inverted=white_is_zero)
    if image.mode in _WITH_ALPHA or (image.mode in _DIRECT and "transparency" in image.info):
        pixels, more = _flattened(image)
        return pixels, notes + more
    if image.mode == "L":
        return cv2.cvtColor(np.asarray(image), cv2.COLOR_GRAY2RGB), notes
    if image.mode in _DIRECT:
        return np.asarray(image.convert("RGB")), notes
    raise UnsupportedImage(
        expected="gray, palette, RGB, YCbCr or CMYK colours", received=f"{image.mode} colours"
    )


def _from_16_bits(values: np.ndarray) -> tuple[np.ndarray, str]:
    """Scale by the full range of the fewest bits that hold every value.

    Detectors deliver 10 to 14 bits in files of 16; by the file's range they would be near black.

    Args:
        values: (height, width) uint16 in either byte order.
    """
    bits = next(width for width in WIDTHS if int(values.max()) < 2**width)
    top = 2**bits - 1
    table = np.rint(np.arange(top + 1) * (255.0 / top)).astype(np.uint8)
    if bits == 16:
        return table[values], "16-bit values were scaled to 8 bits: 65535 became 255."
    note = f"16-bit values use only {bits} bits and were scaled to 8 bits: {top} became 255."
    return table[values], note


def _from_own_range(values: np.ndarray) -> tuple[np.ndarray, str]:
    """Scale the smallest to 0 and the largest to 255; what is not a number becomes 0.

    Args:
        values: (height, width) signed integers, uint32 or float32.
    """
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("expected at least one finite value, received none")
    low, high = float(values[finite].min()), float(values[finite].max())
    scale = 255.0 / (high - low) if high > low else 0.0
    scaled = np.zeros(values.shape, np.uint8)
    # Row by row: double precision of a whole large image would be eight times its pixels.
    for row, source, valid in zip(scaled, values, finite, strict=True):
        shifted = np.where(valid, source, low).astype(np.float64) - low
        row[:] = np.where(valid, np.rint(shifted * scale), 0.0)
    words = f"{8 * values.itemsize}-bit values were scaled to 8 bits"
    if values.dtype.kind == "i":
        words = f"Signed {words}"
    note = f"{words}: {low:g} became 0 and {high:g} became 255."
    missing = finite.size - int(np.count_nonzero(finite))
    pixels = "1 pixel" if missing == 1 else f"{missing} pixels"
    return scaled, note if not missing else f"{note} {pixels} without a number became 0."


def _gray(values: np.ndarray, note: str, *, inverted: bool) -> Converted:
    """Three equal channels of (height, width) uint8."""
    shown = 255 - values if inverted else values
    notes = (note, "Inverted, as the file says that 0 is white.") if inverted else (note,)
    return cv2.cvtColor(shown, cv2.COLOR_GRAY2RGB), notes


def _flattened(image: Image.Image) -> Converted:
    """Lay a transparent image on a ground: black under a gray image, white under a coloured one.

    Radiographs and ultrasound stand on black, stained sections on the light of the microscope.
    """
    straight = image.convert("LA") if image.mode == "La" else image
    layered = straight.convert("RGBA")
    red, green, blue, alpha = (np.asarray(band) for band in layered.split())
    if alpha.min() == OPAQUE:
        return np.asarray(layered.convert("RGB")), (
            "The alpha channel, opaque all over, was dropped.",
        )
    is_coloured = np.any(((red != green) | (green != blue)) & (alpha > 0))
    ground = "white" if is_coloured else "black"
    flat = Image.new("RGB", layered.size, ground)
    flat.paste(layered, mask=layered)
    return np.asarray(flat), (f"Transparent parts were laid on {ground}.",)
