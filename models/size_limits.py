"""How many pixels an image may have, whatever its format; told by the header, before decoding."""

import math

from models.decoded import ImageTooLarge, ImageTooSmall

MAX_MEGAPIXELS = 64  # a digital mammogram has up to 30; Pillow itself warns from 89 on
MAX_SIDE = 30_000  # pixels; a strip of sixteen by a million is no image of a breast
MIN_SIDE = 16  # pixels


def require_size(*, width: int, height: int) -> None:
    """Refuse an image that must not, or need not, be decoded.

    Raises:
        ImageTooLarge: more pixels, or a longer side, than are read.
        ImageTooSmall: too few pixels to show anything.
    """
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        megapixels = math.ceil(width * height / 1e4) / 100  # never as few as may come
        raise ImageTooLarge(
            expected=f"at most {MAX_MEGAPIXELS} megapixels",
            received=f"{width} x {height} pixels, that is {megapixels:,.2f} megapixels",
        )
    if max(width, height) > MAX_SIDE:
        raise ImageTooLarge(
            expected=f"at most {MAX_SIDE} pixels on each side",
            received=f"{width} x {height} pixels",
        )
    if min(width, height) < MIN_SIDE:
        raise ImageTooSmall(
            expected=f"at least {MIN_SIDE} pixels on each side",
            received=f"{width} x {height} pixels",
        )
