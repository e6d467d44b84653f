"""One frame of a DICOM file -> its stored values."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options

from models.decoded import DamagedImage, ImageTooLarge, NoRoomToRead, UnsupportedImage
from models.dicom_reads import SMALLER
from models.jpeg_colours import is_named_rgb, transformed_to, ybr_of
from models.jpeg_scans import require_few_scans

MAX_FRAGMENTS = 200_000  # pieces of compressed pixels: twenty for each of 10,000 frames
PATIENCE = 60  # seconds for a frame, on a busy computer; the codec has its own limit

_ROOM = "a machine with room to decompress it"
_CODEC = Path(__file__).with_name("dicom_codec.py")
_NATIVE = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    }
)
_OF_SCANS = frozenset(
    {
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        uid.JPEGLossless,
        uid.JPEGLosslessSV1,
        uid.JPEGLSLossless,
        uid.JPEGLSNearLossless,
    }
)
_J2K = frozenset({uid.JPEG2000Lossless, uid.JPEG2000})
_COMPRESSED = _OF_SCANS | _J2K | {uid.RLELossless}
_YBR = ("YBR_FULL", "YBR_FULL_422")  # JPEG 2000 holds them only without a transformation
_MASKED = {  # where GDCM cuts off what lies above Bits Stored, and how many bits it can give
    uid.JPEGExtended12Bit: 12,
    uid.JPEGLossless: 16,
    uid.JPEGLosslessSV1: 16,
}
_ITEM = b"\xfe\xff\x00\xe0"  # begins each fragment
_HANDED_ON = ("LD_LIBRARY_PATH",)  # of the environment, to the codec: where its libraries are

_MISNAMED = "The file calls its colours {}, its JPEG data hold {}; they were read so."


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Stored values and what they stand for."""

    values: np.ndarray  # (rows, columns) or (rows, columns, 3) integers
    held: str  # what was stored: "YBR_FULL"
    photometric: str  # what became of it: "RGB"
    notes: tuple[str, ...] = ()  # a sentence for what was not as the file says


def require_readable(syntax: uid.UID) -> None:
    """Refuse a transfer syntax that nothing here decodes.

    Raises:
        UnsupportedImage: such as video, or high-throughput JPEG 2000.
    """
    if syntax not in _NATIVE | _COMPRESSED:
        is_known = syntax.name != str(syntax)
        raise UnsupportedImage(
            expected="pixels without compression, or in RLE, JPEG, JPEG-LS or JPEG 2000",
            received=syntax.name if is_known else "another compression",
        )


def read_frame(
    elements: Dataset, syntax: uid.UID, index: int, *, patience: float = PATIENCE
) -> Frame:
    """The stored values of a frame; YBR colours come as RGB.

    Args:
        elements: of the image pixel module, checked before: size, bits, samples.
        syntax: a transfer syntax that `require_readable` lets pass.
        index: of the frame, from 0.
        patience: seconds for a compressed frame.

    Raises:
        DamagedImage: a compressed frame cannot be decoded, or holds values that Bits Stored and
            Pixel Representation exclude. In uncompressed ones and RLE, further bits are ignored.
        ImageTooLarge: compressed pixels in more than ``MAX_FRAGMENTS``.
        NoRoomToRead: the system ended the decoding, or gave it no time.
        UnsupportedImage: a JPEG frame of too many scans.
        Exception: pydicom's many kinds, where pixels are missing.
    """
    if syntax in _NATIVE:
        return _native(elements, syntax, index)
    compressed = elements.PixelData
    if compressed.count(_ITEM) > MAX_FRAGMENTS:
        raise ImageTooLarge(
            expected=f"compressed pixels in at most {MAX_FRAGMENTS:,} fragments",
            received="more of them",
            action=SMALLER,
        )
    options = as_pixel_options(elements)
    source = get_frame(
        compressed,
        index,
        number_of_frames=options["number_of_frames"],
        extended_offsets=options.pop("extended_offsets", None),
    )
    if syntax in _OF_SCANS:
        require_few_scans(source)
    options.update(number_of_frames=1, pixel_keyword="PixelData", pixel_vr="OB")
    if syntax in _MASKED:
        most = min(_MASKED[syntax], options["bits_allocated"])
        options["bits_stored"] = max(most, options["bits_stored"])
    notes = _name_colours(options, source, syntax)
    pixels, photometric = _decompressed(syntax, encapsulate([source]), options, patience)
    return Frame(
        values=_as_declared(pixels, elements),
        held=str(options["photometric_interpretation"]),
        photometric=photometric,
        notes=notes,
    )


def _native(elements: Dataset, syntax: uid.UID, index: int) -> Frame:
    representation = elements["PixelData"].VR
    options = as_pixel_options(elements, pixel_keyword="PixelData", pixel_vr=representation)
    pixels, found = get_decoder(syntax).as_array(elements.PixelData, index=index, **options)
    return Frame(
        values=pixels,
        held=str(options["photometric_interpretation"]),
        photometric=str(found["photometric_interpretation"]),
    )


def _name_colours(options: dict[str, Any], source: bytes, syntax: uid.UID) -> tuple[str, ...]:
    """Scanners write other colours into the header than they store; believe what the data show."""
    said = options["photometric_interpretation"]
    found = None
    if syntax == uid.JPEGBaseline8Bit and said == "RGB":
        found = ybr_of(source)
    if syntax == uid.JPEGBaseline8Bit and said in _YBR and is_named_rgb(source):
        found = "RGB"
    if syntax in _J2K and said in _YBR:
        found = transformed_to(source)
    if found is None:
        return ()
    options["photometric_interpretation"] = found
    return (_MISNAMED.format(said, found),)


def _as_declared(pixels: np.ndarray, elements: Dataset) -> np.ndarray:
    """Decompressed values, which all have to be of the bits that the file declares."""
    bits, is_signed = int(elements.BitsStored), bool(elements.PixelRepresentation)
    low, high = -(2 ** (bits - 1)) if is_signed else 0, 2**bits - 1
    if int(pixels.min()) < low or int(pixels.max()) > high:
        raise DamagedImage(
            expected=f"compressed pixels of {bits} bits, as the file says",
            received="values of more bits",
        )
    unused = 8 * pixels.itemsize - bits
    if not is_signed or unused <= 0:
        return pixels
    shifted = pixels << unused  # some codecs leave the unused bits of negative values 0
    shifted >>= unused
    return shifted


def _decompressed(
    syntax: uid.UID, source: bytes, options: dict[str, Any], patience: float
) -> tuple[np.ndarray, str]:
    task = json.dumps({"syntax": syntax, "options": options}).encode() + b"\n"
    try:
        codec = subprocess.run(  # noqa: S603 -- our own program, told nothing but numbers
            [sys.executable, "-I", _CODEC],
            input=task + source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=patience,
            check=True,
            env={name: os.environ[name] for name in _HANDED_ON if name in os.environ},
        )
    except subprocess.TimeoutExpired:  # it was given no processor: its own limit is lower
        raise NoRoomToRead(expected=_ROOM, received=f"none for {patience} seconds") from None
    except subprocess.CalledProcessError as error:
        if error.returncode == -signal.SIGKILL:  # by the system: its own limits end it otherwise
            raise NoRoomToRead(expected=_ROOM, received="no memory left") from None
        raise DamagedImage(
            expected="compressed pixels that can be decoded",
            received="some that are damaged, or do not fit what the file says of them",
        ) from None
    line, _, content = codec.stdout.partition(b"\n")
    head = json.loads(line)
    pixels = np.frombuffer(content, head["dtype"]).reshape(head["shape"])
    return pixels, head["photometric_interpretation"]
