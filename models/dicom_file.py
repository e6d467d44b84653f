"""Bytes of a DICOM file -> its elements that matter for pixels, unless others are asked for."""

import logging
import warnings
import zlib
from io import BytesIO

from pydicom import config, dcmread, uid
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from models.decoded import DamagedImage, ImageTooLarge

# A damaged value is refused here; pydicom would repeat it in a warning or in the log.
config.settings.reading_validation_mode = config.IGNORE
logging.getLogger("pydicom").disabled = True
warnings.filterwarnings("ignore", module="pydicom")

MAX_INFLATED = 256 * 2**20  # bytes; 64 megapixels of 16 bits are half of that

_PREFIX = 132  # bytes before the first element
_WANTED = tuple(
    int(tag_for_keyword(keyword) or 0)
    for keyword in (
        "SOPClassUID",
        "Modality",
        "PresentationIntentType",
        "SamplesPerPixel",
        "PhotometricInterpretation",
        "PlanarConfiguration",
        "NumberOfFrames",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
        "PixelPaddingValue",
        "PixelPaddingRangeLimit",
        "BurnedInAnnotation",
        "WindowCenter",
        "WindowWidth",
        "RescaleIntercept",
        "RescaleSlope",
        "VOILUTFunction",
        "RedPaletteColorLookupTableDescriptor",
        "RedPaletteColorLookupTableData",
        "GreenPaletteColorLookupTableDescriptor",
        "GreenPaletteColorLookupTableData",
        "BluePaletteColorLookupTableDescriptor",
        "BluePaletteColorLookupTableData",
        "ModalityLUTSequence",
        "VOILUTSequence",
        "SharedFunctionalGroupsSequence",
        "PerFrameFunctionalGroupsSequence",
        "ExtendedOffsetTable",
        "ExtendedOffsetTableLengths",
        "FloatPixelData",
        "DoubleFloatPixelData",
        "PixelData",
    )
)


def read_elements(data: bytes, wanted: tuple[int, ...] = _WANTED) -> tuple[Dataset, uid.UID]:
    """Some elements of a file, and its Transfer Syntax UID (0002,0010).

    Everything else is skipped unread: with `_WANTED`, whatever names a person.

    Raises:
        ImageTooLarge: a deflated file is larger than ``MAX_INFLATED`` when inflated.
        Exception: pydicom's many kinds, where the file is damaged.
    """
    meta, end = _meta(data)
    syntax = uid.UID(meta.TransferSyntaxUID if "TransferSyntaxUID" in meta else "")
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        inflated = BytesIO(_inflated(data[end:]))
        elements = read_dataset(inflated, False, True, specific_tags=list(wanted))
    else:
        elements = dcmread(BytesIO(data), specific_tags=list(wanted))
    if "SOPClassUID" not in elements and "MediaStorageSOPClassUID" in meta:
        elements.SOPClassUID = meta.MediaStorageSOPClassUID
    return elements, syntax or _usual(elements)


def _meta(data: bytes) -> tuple[Dataset, int]:
    """The group 0002 that begins every file, and the byte at which it ends."""
    stream = BytesIO(data)
    stream.seek(_PREFIX)
    meta = read_dataset(stream, False, True, stop_when=_left_meta)
    return meta, stream.tell()


def _left_meta(tag: BaseTag, _representation: str | None, _length: int) -> bool:
    return tag.group != 2


def _usual(elements: Dataset) -> uid.UID:
    """The transfer syntax of a file that names none: pydicom has found out how it is written."""
    implicit, little = elements.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little else uid.ExplicitVRBigEndian


def _inflated(deflated: bytes) -> bytes:
    """The content of a deflated file, as far as it goes, never more than ``MAX_INFLATED``."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflate.decompress(deflated, MAX_INFLATED)
    if inflate.unconsumed_tail:
        raise ImageTooLarge(
            expected=f"a file of at most {MAX_INFLATED // 2**20} MiB when it is inflated",
            received="a larger one",
        )
    if not inflate.eof:
        raise DamagedImage(
            expected="a whole DICOM file", received="a deflated file that was cut short"
        )
    return content
