"""Uploaded bytes -> RGB pixels, or a refusal that says why.

A further format is one more entry of ``READERS``, recognised by content; names are not trusted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from models.decoded import (
    AnimatedImage,
    DamagedImage,
    DecodedImage,
    EmptyFile,
    ImageRefused,
    ImageTooLarge,
    ImageTooSmall,
    NotAnImage,
    UnsupportedImage,
)
from models.pillow_reader import read_with_pillow

__all__ = [
    "READERS",
    "SUFFIXES",
    "AnimatedImage",
    "DamagedImage",
    "DecodedImage",
    "EmptyFile",
    "ImageRefused",
    "ImageTooLarge",
    "ImageTooSmall",
    "NotAnImage",
    "Reader",
    "UnsupportedImage",
    "decode",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One file format: how its content begins, what reads it, how its files are named."""

    format: str  # for the reader: "PNG"
    suffixes: tuple[str, ...]  # lower case, with the dot
    signatures: tuple[bytes, ...]  # any of these
    at: int = 0  # byte at which the signature stands
    read: Callable[[bytes], DecodedImage]

    def recognises(self, data: bytes) -> bool:
        """Whether the content is of this format."""
        return data.startswith(self.signatures, self.at)


READERS = (
    Reader(
        format="PNG",
        suffixes=(".png",),
        signatures=(b"\x89PNG\r\n\x1a\n",),
        read=partial(read_with_pillow, "PNG", PngImageFile),
    ),
    Reader(
        format="JPEG",
        suffixes=(".jpg", ".jpeg"),
        signatures=(b"\xff\xd8\xff",),
        read=partial(read_with_pillow, "JPEG", JpegImageFile),
    ),
    Reader(
        format="TIFF",
        suffixes=(".tif", ".tiff"),
        signatures=(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
        read=partial(read_with_pillow, "TIFF", TiffImageFile),
    ),
    Reader(
        format="BMP",
        suffixes=(".bmp",),
        signatures=(b"BM",),
        read=partial(read_with_pillow, "BMP", BmpImageFile),
    ),
)

SUFFIXES = tuple(suffix for reader in READERS for suffix in reader.suffixes)

_STRANGERS = (  # what people upload by mistake, named so that they see it
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (4, b"ftyp", "a HEIC, AVIF or video file"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (128, b"DICM", "a DICOM file"),
)
_PLAIN_TEXT = bytes(range(32, 127)) + b"\t\r\n\f"


def decode(data: bytes) -> DecodedImage:
    """Read an uploaded file as one image.

    The format is told from the content. The image comes upright, in 8-bit RGB; everything else
    that the file carried (EXIF, comments, colour profiles, thumbnails) is left behind.

    Args:
        data: the whole file.

    Raises:
        ImageRefused: there is no readable single image; a subclass says why. No other exception
            comes out, whatever the bytes.
    """
    if not data:
        raise EmptyFile(expected="the content of an image file", received="0 bytes")
    # A text may begin with the letters BM, but no image begins with a page of text.
    if not _is_text(data):
        for reader in READERS:
            if reader.recognises(data):
                return reader.read(data)
    formats = ", ".join(reader.format for reader in READERS)
    raise NotAnImage(expected=f"the content of one of {formats}", received=_described(data))


def _is_text(data: bytes) -> bool:
    """Whether the beginning is printable ASCII."""
    return not data[:512].translate(None, _PLAIN_TEXT)


def _described(data: bytes) -> str:
    """What foreign content seems to be, in words."""
    for at, signature, words in _STRANGERS:
        if data.startswith(signature, at):
            return words
    return "plain text" if _is_text(data) else "content of an unknown kind"
