"""Bytes of a DICOM file -> its elements that matter for pixels, unless others are asked for."""

import logging
import warnings
import zlib
from collections.abc import Iterator

from pydicom import config, dcmread, uid
from pydicom.datadict import dictionary_has_tag, dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_sequence
from pydicom.tag import BaseTag

from models.decoded import DamagedImage, ImageTooLarge
from models.dicom_reads import SMALLER, HeaderBytes, Reads

# A damaged value is refused here; pydicom would repeat it in a warning or in the log.
config.settings.reading_validation_mode = config.IGNORE
logging.getLogger("pydicom").disabled = True
warnings.filterwarnings("ignore", module="pydicom")

MAX_INFLATED = 256 * 2**20  # bytes; 64 megapixels of 16 bits are half of that
MAX_VALUE = 256 * 2**10  # bytes; as text 0.3 s; a table of 65,536 words is half of that

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
        "ImagerPixelSpacing",
        "PixelSpacing",
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
_PIXELS = tuple(
    int(tag_for_keyword(keyword) or 0)
    for keyword in ("FloatPixelData", "DoubleFloatPixelData", "PixelData")
)
_BYTES = (None, "OB", "OD", "OF", "OW", "UN")  # kinds that stay bytes; None: the file does not say


def read_elements(data: bytes, wanted: tuple[int, ...] = _WANTED) -> tuple[Dataset, uid.UID]:
    """Some elements of a file, and its Transfer Syntax UID (0002,0010).

    Everything else is skipped unread: with `_WANTED`, whatever names a person.

    Raises:
        ImageTooLarge: the header takes more than ``MAX_READS`` to read, a value beside the pixels
            is longer than ``MAX_VALUE``, or a deflated file is larger than ``MAX_INFLATED`` when
            inflated.
        Exception: pydicom's many kinds, where the file is damaged.
    """
    reads = Reads()
    try:
        return _read(data, wanted, reads)
    except OSError:
        reads.require()  # pydicom makes an OSError of whatever is raised at the head of an item
        raise


def _read(data: bytes, wanted: tuple[int, ...], reads: Reads) -> tuple[Dataset, uid.UID]:
    stream = HeaderBytes(data, reads)
    meta = _meta(stream, reads)
    syntax = uid.UID(meta.TransferSyntaxUID if "TransferSyntaxUID" in meta else "")
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        inflated = HeaderBytes(_inflated(data[stream.tell() :]), reads)
        elements = read_dataset(inflated, False, True, specific_tags=list(wanted))
    else:
        stream.seek(0)
        elements = dcmread(stream, specific_tags=list(wanted))
    _bound(elements, reads)
    if "SOPClassUID" not in elements and "MediaStorageSOPClassUID" in meta:
        elements.SOPClassUID = meta.MediaStorageSOPClassUID
    return elements, syntax or _usual(elements)


def _meta(stream: HeaderBytes, reads: Reads) -> Dataset:
    """The group 0002 that begins every file; the stream is left at its end."""
    stream.seek(_PREFIX)
    meta = read_dataset(stream, False, True, stop_when=_left_meta)
    _bound(meta, reads)
    return meta


def _bound(elements: Dataset, reads: Reads) -> None:
    """Open the sequences, and refuse long values: pydicom will convert them without a limit."""
    for element in list(elements.values()):
        if isinstance(element, RawDataElement) and element.value and _is_sequence(element):
            items = read_sequence(
                HeaderBytes(element.value, reads),
                bool(element.is_implicit_VR),
                element.is_little_endian,
                len(element.value),
                elements.original_character_set,
            )
            elements.add_new(element.tag, "SQ", items)
    for element in _unconverted(elements):
        is_pixels = element.tag in _PIXELS and element.VR in _BYTES
        if not is_pixels and len(element.value or b"") > MAX_VALUE:
            raise ImageTooLarge(
                expected=f"at most {MAX_VALUE // 2**10} KiB in each value beside the pixels",
                received="a longer one",
                action=SMALLER,
            )


def _is_sequence(element: RawDataElement) -> bool:
    if element.VR in (None, "UN"):  # then pydicom goes by the dictionary, which lacks private ones
        return dictionary_has_tag(element.tag) and dictionary_VR(element.tag) == "SQ"
    return element.VR == "SQ"


def _unconverted(elements: Dataset) -> Iterator[RawDataElement]:
    """Every value that pydicom has not looked into yet, those in open sequences too."""
    waiting = [elements]
    while waiting:
        for element in waiting.pop().values():
            if isinstance(element, RawDataElement):
                yield element
            elif element.VR == "SQ":
                waiting.extend(element.value)


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
