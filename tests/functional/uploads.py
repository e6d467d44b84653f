"""Files that people and attackers send, good ones and bad ones."""

from functools import cache

import numpy as np
from PIL import Image

from tests.fakes import encoded, pixels, png
from tests.fuzzing import png as made_up_png
from tests.fuzzing import saved


@cache
def bomb() -> bytes:
    """A whole PNG of 20,000 x 20,000 pixels in a few kilobytes."""
    side = 20_000
    return made_up_png(side, side, bytes((side // 8 + 1) * side), depth=1)


def truncated(content: bytes) -> bytes:
    """The first half of a file."""
    return content[: len(content) // 2]


def jpeg() -> bytes:
    """A sound JPEG."""
    return encoded(pixels(), "JPEG", quality=90)


def gray_16_bit() -> bytes:
    """A gray PNG of 16 bits."""
    wide = pixels()[:, :, 0].astype(np.uint16) * 257
    return encoded(wide)


def palette() -> bytes:
    """A PNG with a palette."""
    return saved(Image.fromarray(pixels()).quantize(32), "PNG")


def rgba() -> bytes:
    """A PNG with transparency."""
    alpha = np.full((120, 160, 1), 128, dtype=np.uint8)
    return encoded(np.concatenate([pixels(), alpha], axis=2))


def cmyk_jpeg() -> bytes:
    """A JPEG in printing colours."""
    return saved(Image.fromarray(pixels()).convert("CMYK"), "JPEG")


def rotated_jpeg() -> bytes:
    """A JPEG that lies on its side and says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(pixels(), "JPEG", exif=exif)


def tiff() -> bytes:
    """A sound TIFF."""
    return encoded(pixels(), "TIFF")


def bmp() -> bytes:
    """A sound BMP."""
    return encoded(pixels(), "BMP")


def animated() -> bytes:
    """A PNG of three frames."""
    frames = [Image.fromarray(pixels(seed)) for seed in (1, 2, 3)]
    return saved(frames[0], "PNG", save_all=True, append_images=frames[1:])


def one_pixel() -> bytes:
    """The smallest image there is."""
    return encoded(pixels(size=(1, 1)))


REFUSED = {
    "text renamed to .png": ("notes.png", lambda: b"no image\n" * 50, "plain text"),
    "truncated PNG": ("a.png", lambda: truncated(png()), "damaged"),
    "truncated JPEG": ("a.jpg", lambda: truncated(jpeg()), "damaged"),
    "zero bytes": ("a.png", lambda: b"", "empty"),
    "bomb": ("a.png", bomb, "too many pixels"),
    "1x1": ("a.png", one_pixel, "too few pixels"),
    "animated": ("a.png", animated, "more than one image"),
    "wrong suffix": ("a.gif", png, "not accepted"),
    "wrong suffix, hidden behind a good one": ("a.png.exe", png, "not accepted"),
    "no suffix": ("a", png, "not accepted"),
    "empty name": ("", png, "No file was chosen"),
}
"""Name of the case -> (file name, content, words of the banner)."""

TAKEN = {
    "PNG": ("a.png", png),
    "JPEG": ("a.jpeg", jpeg),
    "TIFF": ("a.tif", tiff),
    "BMP": ("a.bmp", bmp),
    "16-bit gray": ("a.png", gray_16_bit),
    "palette": ("a.png", palette),
    "RGBA": ("a.png", rgba),
    "CMYK JPEG": ("a.jpg", cmyk_jpeg),
    "EXIF-rotated": ("a.jpg", rotated_jpeg),
    "capital suffix": ("A.PNG", png),
    "JPEG named .png": ("a.png", jpeg),
    "a path in the name": ("../../../etc/passwd.png", png),
    "a Windows path in the name": ("C:\\images\\scan.png", png),
    "a name of 300 characters": ("n" * 296 + ".png", png),
    "a non-Latin name": ("乳腺-超声 снимок.png", png),
    "a name of dots": ("....png", png),
    "markup in the name": ("a;b'<script>.png", png),
}
"""Name of the case -> (file name, content)."""
