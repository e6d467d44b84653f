"""DICOM files -> a decoded image, by pydicom; nothing that names a person is read."""

import cv2
import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset

from models.decoded import (
    DamagedImage,
    DecodedImage,
    FrameNeeded,
    ImageRefused,
    ImageTooLarge,
    NoRoomToRead,
    NoSuchFrame,
    UnsupportedImage,
)
from models.dicom_file import read_elements
from models.dicom_frame import read_frame, require_readable
from models.dicom_gray import Grays
from models.dicom_kinds import require_image, require_modality
from models.dicom_lut import table_of_colour
from models.dicom_spacing import pixel_spacing
from models.room import require_room
from models.size_limits import require_size
from models.wanted import Wanted

MAX_FRAMES = 10_000

_GRAY = frozenset({"MONOCHROME1", "MONOCHROME2"})
_PALETTE = "PALETTE COLOR"
_COLOURS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
_TEXT_IS_USUAL = frozenset({"US"})  # scanners that write names into the image

Shown = tuple[np.ndarray, tuple[str, ...]]
"""(rows, columns, 3) uint8 RGB, and a sentence for each change."""


def read_dicom(data: bytes, wanted: Wanted) -> DecodedImage:
    """Decode one frame of a DICOM file.

    Args:
        data: the whole file.
        wanted: the frame, and the modality that the file has to say.

    Raises:
        ImageRefused: the file holds no image, another one than wanted, several frames and no word
            on which, more pixels than are decoded, or is damaged.
        NoRoomToRead: the machine has no memory, files or processes left. No other exception comes
            out, and no text of the file stands in either.
    """
    try:
        elements, syntax = read_elements(data)
        frame = _checked(elements, syntax, wanted)
        return _decoded(elements, syntax, frame)
    except (ImageRefused, NoRoomToRead):
        raise
    except Exception as error:  # noqa: BLE001 -- pydicom promises no common ancestor of its errors
        require_room(error)
        # Without its cause: that may quote the file, patient's name included.
        raise DamagedImage(
            expected="a whole DICOM file",
            received="a DICOM file that is damaged, was cut short or lacks what it must have",
        ) from None


def _checked(elements: Dataset, syntax: uid.UID, wanted: Wanted) -> int:
    """Refuse by the header alone what must not be decoded; the frame to decode, from 0."""
    require_image(elements)
    require_modality(elements, wanted.dicom_modality)
    require_size(width=int(elements.Columns), height=int(elements.Rows))
    require_readable(syntax)
    _require_values(elements)
    return _frame(elements, wanted.frame)


def _require_values(elements: Dataset) -> None:
    if "PixelData" not in elements:
        raise UnsupportedImage(expected="pixels of whole numbers", received="floating point")
    photometric, samples = _photometric(elements), int(elements.SamplesPerPixel)
    if samples != (3 if photometric in _COLOURS else 1):
        raise DamagedImage(
            expected="one value per gray pixel, three per coloured one", received="another number"
        )
    stored, allocated = int(elements.BitsStored), int(elements.BitsAllocated)
    if stored > 16:
        raise UnsupportedImage(expected="at most 16 bits per value", received=f"{stored} bits")
    if allocated > 32:
        raise UnsupportedImage(
            expected="values stored in at most 32 bits each", received=f"{allocated} bits"
        )
    if int(elements.get("HighBit") or stored - 1) != stored - 1:
        raise UnsupportedImage(
            expected="values in the lowest bits", received="values in higher bits"
        )


def _photometric(elements: Dataset) -> str:
    """Photometric Interpretation (0028,0004), one of those that are read."""
    found = str(elements.PhotometricInterpretation).strip()
    if found not in _GRAY | _COLOURS | {_PALETTE}:
        raise UnsupportedImage(
            expected=f"colours of the kinds {', '.join(sorted(_GRAY | _COLOURS | {_PALETTE}))}",
            received="another kind",
        )
    return found


def _frame(elements: Dataset, wanted: int | None) -> int:
    count = int(elements.get("NumberOfFrames") or 1)
    if count > MAX_FRAMES:
        raise ImageTooLarge(expected=f"at most {MAX_FRAMES} frames", received=f"{count} frames")
    if count < 1:
        raise DamagedImage(expected="a number of frames", received="a number below 1")
    if wanted is None and count > 1:
        raise FrameNeeded(frames=count)
    number = 1 if wanted is None else wanted
    if not 1 <= number <= count:
        raise NoSuchFrame(frames=count, received=f"{number}")
    return number - 1


def _decoded(elements: Dataset, syntax: uid.UID, frame: int) -> DecodedImage:
    stored = read_frame(elements, syntax, frame)
    values = stored.values
    declared, bits = _photometric(elements), int(elements.BitsStored)
    little = syntax != uid.ExplicitVRBigEndian
    if values.ndim == 2 and declared == _PALETTE:
        pixels, changes = _looked_up(elements, values, little_endian=little)
    elif values.ndim == 2:
        grays = Grays(elements=elements, frame=frame, little_endian=little)
        gray, changes = grays.shown(values, declared)
        pixels = cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)
    else:
        pixels, changes = _colours(values, stored.photometric, stored.held, bits)
    cautions = tuple(_warnings(elements))
    return DecodedImage(
        pixels=pixels,
        format="DICOM",
        mode=declared,
        bit_depth=bits,
        notes=(*_stored(elements, frame), *stored.notes, *changes, *cautions),
        cautions=cautions,
        spacing=pixel_spacing(elements, frame),
    )


def _looked_up(elements: Dataset, values: np.ndarray, *, little_endian: bool) -> Shown:
    """The palette's colours of (rows, columns) values."""
    channels = []
    for colour in ("Red", "Green", "Blue"):
        table = table_of_colour(elements, colour, little_endian=little_endian)
        found = table(values.astype(np.int32))
        channels.append((found >> max(0, table.bits - 8)).astype(np.uint8))
    return np.dstack(channels), ("The palette's colours were looked up.",)


def _colours(values: np.ndarray, photometric: str, held: str, bits: int) -> Shown:
    """8-bit RGB of (rows, columns, 3) values."""
    if photometric != "RGB":
        raise UnsupportedImage(expected="colours that become RGB", received=photometric)
    changes = [] if held == "RGB" else [f"Colours were converted from {held} to RGB."]
    if bits > 8:
        changes.append(f"Of {bits} bits per channel the upper 8 were used.")
    upper = values >> (bits - 8) if bits > 8 else values
    return np.ascontiguousarray(upper, np.uint8), tuple(changes)


def _stored(elements: Dataset, frame: int) -> list[str]:
    """What the pixels are in the file, in words."""
    sign = "signed" if elements.PixelRepresentation else "unsigned"
    sentence = (
        f"Values of {int(elements.BitsStored)} bits, {sign}, stored in "
        f"{int(elements.BitsAllocated)}; photometric interpretation {_photometric(elements)}."
    )
    frames = int(elements.get("NumberOfFrames") or 1)
    return [sentence, f"Frame {frame + 1} of {frames}."] if frames > 1 else [sentence]


def _warnings(elements: Dataset) -> list[str]:
    """What the reader should know before the image is trusted or shown to others."""
    sentences = []
    burned = str(elements.get("BurnedInAnnotation") or "").strip()
    if burned == "YES":
        sentences.append(
            "The file says that text is burnt into the image: it may name the patient, and the "
            "model sees it too."
        )
    elif not burned and str(elements.get("Modality") or "").strip() in _TEXT_IS_USUAL:
        sentences.append(
            "The file does not say whether text is burnt into the image: look whether it names "
            "the patient."
        )
    if str(elements.get("PresentationIntentType") or "").strip() == "FOR PROCESSING":
        sentences.append(
            "The file holds raw values of the detector (FOR PROCESSING); the models learnt from "
            "images made for viewing."
        )
    return sentences
