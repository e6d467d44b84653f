"""One frame of a DICOM file -> its stored values."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options

from models.decoded import DamagedImage, UnsupportedImage

PATIENCE = 60  # seconds for a frame, on a busy computer; the codec has its own limit

_CODEC = Path(__file__).with_name("dicom_codec.py")
_NATIVE = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    }
)
_COMPRESSED = frozenset(
    {
        uid.RLELossless,
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        uid.JPEGLossless,
        uid.JPEGLosslessSV1,
        uid.JPEGLSLossless,
        uid.JPEGLSNearLossless,
        uid.JPEG2000Lossless,
        uid.JPEG2000,
    }
)

Values = tuple[np.ndarray, str]
"""(rows, columns) or (rows, columns, 3) integers, and what they stand for: "MONOCHROME2"."""


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


def read_frame(elements: Dataset, syntax: uid.UID, index: int) -> Values:
    """The stored values of a frame; YBR colours come as RGB.

    Args:
        elements: of the image pixel module, checked before: size, bits, samples.
        syntax: a transfer syntax that `require_readable` lets pass.
        index: of the frame, from 0.

    Raises:
        DamagedImage: a compressed frame cannot be decoded.
        Exception: pydicom's many kinds, where pixels are missing.
    """
    if syntax in _NATIVE:
        representation = elements["PixelData"].VR
        options = as_pixel_options(elements, pixel_keyword="PixelData", pixel_vr=representation)
        pixels, found = get_decoder(syntax).as_array(elements.PixelData, index=index, **options)
        return pixels, str(found["photometric_interpretation"])
    options = as_pixel_options(elements)
    source = get_frame(
        elements.PixelData,
        index,
        number_of_frames=options["number_of_frames"],
        extended_offsets=options.pop("extended_offsets", None),
    )
    options.update(number_of_frames=1, pixel_keyword="PixelData", pixel_vr="OB")
    return _decompressed(syntax, encapsulate([source]), options)


def _decompressed(syntax: uid.UID, source: bytes, options: dict[str, Any]) -> Values:
    task = json.dumps({"syntax": syntax, "options": options}).encode() + b"\n"
    try:
        codec = subprocess.run(  # noqa: S603 -- our own program, told nothing but numbers
            [sys.executable, "-I", _CODEC],
            input=task + source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise DamagedImage(
            expected="compressed pixels that can be decoded",
            received="some that are damaged, or do not fit what the file says of them",
        ) from None
    line, _, content = codec.stdout.partition(b"\n")
    head = json.loads(line)
    pixels = np.frombuffer(content, head["dtype"]).reshape(head["shape"])
    return pixels, head["photometric_interpretation"]
