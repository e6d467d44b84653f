"""PNG, JPEG, TIFF and BMP files -> a decoded image, by Pillow."""

import struct
from collections.abc import Callable, Mapping
from io import BytesIO
from mmap import mmap
from types import MappingProxyType

import numpy as np
from PIL import ExifTags, Image, ImageFile, TiffImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from models.decoded import (
    AnimatedImage,
    DamagedImage,
    DecodedImage,
    ImageRefused,
    ImageTooLarge,
    UnsupportedImage,
)
from models.jpeg_scans import require_few_scans
from models.rgb import to_rgb
from models.room import require_room
from models.size_limits import MAX_MEGAPIXELS, require_size

MAX_FRAMES_COUNTED = 100
# Pillow reads a file piece by piece, an empty one in a microsecond: millions would take half a
# minute. A TIFF of 30,000 rows, each a strip of its own, needs 30,000.
MAX_READS = 200_000

Opener = Callable[[BytesIO], ImageFile.ImageFile]
"""One of Pillow's image file classes: reads the header, decodes nothing yet."""

_NO_SUCH_PIXELS = "unknown pixel mode"  # Pillow's words for a TIFF file that may be sound
_PHOTOMETRIC_INTERPRETATION = 262  # TIFF tag
_BITS_PER_SAMPLE = 258  # TIFF tag
_TILE_WIDTH, _TILE_LENGTH = 322, 323  # TIFF tags
_SAMPLE_FORMAT = 339  # TIFF tag
_UNSIGNED, _SIGNED = 1, 2
_KINDS: Mapping[tuple[str, int, int], type[np.integer]] = MappingProxyType(
    {  # by mode, bits and sample format: what Pillow keeps as another type
        ("L", 8, _SIGNED): np.int8,
        ("I", 16, _SIGNED): np.int16,
        ("I", 32, _UNSIGNED): np.uint32,
    }
)
_WHITE_IS_ZERO = 0
_COEFFICIENT = 2  # bytes, for each pixel and component of a JPEG of several scans
_AT_WORK = 1  # byte for each pixel, for the rows that libjpeg works on
_UPRIGHT = 1
_TURNS = {  # EXIF Orientation -> what brings the image upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class _Pieces(BytesIO):
    """A file's bytes, of which no more than `MAX_READS` pieces are read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._left = MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise DamagedImage(
                expected=f"an image file of fewer than {MAX_READS:,} parts",
                received="one of more, most of them empty",
                action="Open the image in another program and save it again as PNG.",
            )
        return super().read(size)


def read_with_pillow(name: str, opener: Opener, data: bytes) -> DecodedImage:
    """Decode one file of a known format.

    Args:
        name: the format for the reader: "PNG".
        opener: Pillow's class for that format. Its class is called and not ``Image.open``, whose
            size limit is a warning shared by all threads.
        data: the whole file.

    Raises:
        ImageRefused: the file is damaged, too large, too small, of several frames or of an
            unsupported kind.
        NoRoomToRead: the machine has no memory left.
    """
    try:
        image = opener(_Pieces(data))
        if isinstance(image, JpegImageFile):
            require_few_scans(data)
        _inspect(image)
        return _load(name, opener(_Pieces(data)), data)
    except ImageRefused:
        raise
    except Exception as error:  # Pillow promises no common ancestor of its errors
        require_room(error)
        if str(error) == _NO_SUCH_PIXELS:
            raise UnsupportedImage(
                expected="gray or RGB pixels of a usual kind",
                received=f"a {name} file of other pixels",
            ) from error
        raise DamagedImage(
            expected=f"a whole {name} image",
            received=f"a {name} file that is damaged or was cut short",
        ) from error


def _inspect(image: ImageFile.ImageFile) -> None:
    """Refuse by the header alone what must not be decoded, then let Pillow check the file."""
    width, height = image.size
    require_size(width=width, height=height)
    _require_usual_tiles(image)
    frames = _frames(image)
    if frames > 1:
        count = f"more than {MAX_FRAMES_COUNTED}" if frames > MAX_FRAMES_COUNTED else str(frames)
        raise AnimatedImage(expected="one image", received=f"{count} frames")
    # Pillow leaves black what no strip of a TIFF file covers.
    corners = [extents[2:] for _, extents, _, _ in image.tile if extents]
    if all(right * bottom < width * height for right, bottom in corners):
        raise ValueError("expected pixels for the whole image, received fewer")
    image.verify()


def _require_usual_tiles(image: ImageFile.ImageFile) -> None:
    """Refuse a TIFF file of larger tiles than images: libtiff makes room for a whole one."""
    width, length = _tag(image, _TILE_WIDTH), _tag(image, _TILE_LENGTH)
    if not (isinstance(width, int) and isinstance(length, int)):
        return
    if width * length > MAX_MEGAPIXELS * 1_000_000:
        raise ImageTooLarge(
            expected=f"tiles of at most {MAX_MEGAPIXELS} megapixels",
            received=f"tiles of {width} x {length} pixels",
            action="Save the image again without tiles, or as PNG.",
        )


def _frames(image: ImageFile.ImageFile) -> int:
    """How many frames or pages the file holds, counted up to a limit."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(getattr(image, "n_frames", 1))
    # A file of a few megabytes can list a million empty pages.
    for frame in range(1, MAX_FRAMES_COUNTED + 1):
        try:
            image.seek(frame)
        except EOFError:
            return frame
    return MAX_FRAMES_COUNTED + 1


def _load(name: str, image: ImageFile.ImageFile, data: bytes) -> DecodedImage:
    """Decode the pixels and bring them upright, in 8-bit RGB."""
    mode, depth = image.mode, _bit_depth(image, data)
    white_is_zero = _tag(image, _PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO
    stored = _orientation(image)
    _load_pixels(image)
    # Pillow turns TIFF images by itself while loading.
    left = _orientation(image)
    upright = image.transpose(_TURNS[left]) if left in _TURNS else image
    pixels, changes = to_rgb(upright, white_is_zero=white_is_zero, kind=_kind(image, depth))
    notes = list(changes)
    if depth == 16 and not mode.startswith("I"):
        notes.append("Of 16 bits per channel the upper 8 were used.")
    if stored is None:
        notes.append("Its EXIF data could not be read; the image was taken as it is stored.")
    elif stored in _TURNS:
        notes.append(f"Turned upright, as its EXIF orientation ({stored}) says.")
    return DecodedImage(pixels=pixels, format=name, mode=mode, bit_depth=depth, notes=tuple(notes))


def _load_pixels(image: ImageFile.ImageFile) -> None:
    """Decode the pixels.

    Raises:
        OSError: they are damaged; of number ENOMEM where a JPEG's coefficients find no room, which
            libjpeg keeps all while it reads scan after scan: it fails then in the same words.
    """
    try:
        image.load()
    except OSError:
        if isinstance(image, JpegImageFile):
            taken = _COEFFICIENT * image.layers + _AT_WORK
            # Mapped and never touched: asking takes no memory.
            mmap(-1, taken * image.width * image.height).close()
        raise


def _bit_depth(image: ImageFile.ImageFile, data: bytes) -> int:
    """Bits per channel as stored."""
    if data.startswith(b"\x89PNG"):
        if data[12:16] != b"IHDR":
            raise ValueError("expected IHDR as the first chunk of a PNG file")
        return data[24]
    bits = _tag(image, _BITS_PER_SAMPLE)
    if isinstance(bits, tuple) and bits:
        return int(max(bits))
    return 1 if image.mode == "1" else 8


def _kind(image: ImageFile.ImageFile, bits: int) -> type[np.integer] | None:
    """The type of a TIFF file's values, where Pillow keeps them as another one."""
    formats = _tag(image, _SAMPLE_FORMAT)
    sample_format = formats[0] if isinstance(formats, tuple) and formats else _UNSIGNED
    return _KINDS.get((image.mode, bits, sample_format))


def _tag(image: ImageFile.ImageFile, tag: int) -> object:
    """The value of a TIFF tag; None where there is none."""
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return image.tag_v2.get(tag)
    return None


def _orientation(image: ImageFile.ImageFile) -> int | None:
    """EXIF Orientation, 1 where none is given, None where the EXIF data cannot be read."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT))
    except (ValueError, TypeError, LookupError, SyntaxError, OSError, struct.error, Warning):
        return None
