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

from models.decoded import DecodedImage, EmptyFile, NoSuchFrame, NotAnImage
from models.pillow_reader import Opener, read_with_pillow
from models.wanted import ANYTHING, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One file format: how its content begins, what reads it, how its files are named."""

    format: str  # for the reader: "PNG"
    suffixes: tuple[str, ...]  # lower case, with the dot
    signatures: tuple[bytes, ...]  # any of these
    at: int = 0  # byte at which the signature stands
    is_often_unnamed: bool = False  # its files come without a suffix, or with a number for one
    read: Callable[[bytes, Wanted], DecodedImage]

    def recognises(self, data: bytes) -> bool:
        """Whether the content is of this format."""
        return data.startswith(self.signatures, self.at)


def _dicom(data: bytes, wanted: Wanted) -> DecodedImage:
    from models.dicom_reader import read_dicom  # pydicom takes a third of a second

    return read_dicom(data, wanted)


def _picture(name: str, opener: Opener, data: bytes, wanted: Wanted) -> DecodedImage:
    """A file of one frame, which says nothing of its modality."""
    if wanted.frame not in {None, 1}:
        raise NoSuchFrame(frames=1, received=f"{wanted.frame}")
    return read_with_pillow(name, opener, data)


READERS = (
    Reader(  # first: the 128 bytes before its signature may be the head of a TIFF file
        format="DICOM",
        suffixes=(".dcm",),
        signatures=(b"DICM",),
        at=128,
        is_often_unnamed=True,
        read=_dicom,
    ),
    Reader(
        format="PNG",
        suffixes=(".png",),
        signatures=(b"\x89PNG\r\n\x1a\n",),
        read=partial(_picture, "PNG", PngImageFile),
    ),
    Reader(
        format="JPEG",
        suffixes=(".jpg", ".jpeg"),
        signatures=(b"\xff\xd8\xff",),
        read=partial(_picture, "JPEG", JpegImageFile),
    ),
    Reader(
        format="TIFF",
        suffixes=(".tif", ".tiff"),
        signatures=(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
        read=partial(_picture, "TIFF", TiffImageFile),
    ),
    Reader(
        format="BMP",
        suffixes=(".bmp",),
        signatures=(b"BM",),
        read=partial(_picture, "BMP", BmpImageFile),
    ),
)

SUFFIXES = tuple(suffix for reader in READERS for suffix in reader.suffixes)

HEAD = 132  # bytes from the beginning of a file in which every signature lies

_STRANGERS = (  # what people upload by mistake, named so that they see it
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (4, b"ftyp", "a HEIC, AVIF or video file"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
)
_PLAIN_TEXT = bytes(range(32, 127)) + b"\t\r\n\f"


def needs_suffix(head: bytes) -> bool:
    """Whether a file has to be named for its format, by its first ``HEAD`` bytes."""
    return not any(reader.is_often_unnamed and reader.recognises(head) for reader in READERS)


def decode(data: bytes, wanted: Wanted = ANYTHING) -> DecodedImage:
    """Read an uploaded file as one image.

    The format is told from the content. The image comes upright, in 8-bit RGB; everything else
    that the file carried (EXIF, comments, names, colour profiles, thumbnails) is left behind.

    Args:
        data: the whole file.
        wanted: which frame, and of which modality a file has to be that says its own.

    Raises:
        ImageRefused: there is no readable single image; a subclass says why.
        NoRoomToRead: the machine is full. No other exception comes out, whatever the bytes.
    """
    if not data:
        raise EmptyFile(expected="the content of an image file", received="0 bytes")
    # A text may begin with the letters BM, but no image begins with a page of text.
    if not _is_text(data):
        for reader in READERS:
            if reader.recognises(data):
                return reader.read(data, wanted)
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
