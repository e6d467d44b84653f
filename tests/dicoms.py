"""DICOM files made for tests: every syntax that can be written here, and a patient to look for."""

import io
import struct
import zlib
from typing import Any

import gdcm
import numpy as np
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import get_encoder
from pydicom.sequence import Sequence

US_IMAGE = "1.2.840.10008.5.1.4.1.1.6.1"
MG_IMAGE = "1.2.840.10008.5.1.4.1.1.1.2"
SLIDE_IMAGE = "1.2.840.10008.5.1.4.1.1.77.1.6"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
SOP_CLASSES = {"US": US_IMAGE, "MG": MG_IMAGE, "SM": SLIDE_IMAGE}

MARK = "MARKED"
"""Stands in everything that names the patient, and nowhere else."""

PATIENT = {
    "PatientName": f"{MARK}^Ada",
    "PatientID": f"{MARK}-4711",
    "PatientBirthDate": "19010203",
    "PatientComments": f"{MARK} comment",
    "ReferringPhysicianName": f"{MARK}^Doctor",
    "InstitutionName": f"{MARK} hospital",
    "AccessionNumber": f"{MARK}1",
    "StudyDescription": f"{MARK} study",
    "WindowCenterWidthExplanation": f"{MARK} window",
    "ImageComments": f"{MARK} image",
}

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)
LOSSLESS = (
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
)
LOSSY = (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless, uid.JPEG2000)


def ramp(kind: str = "u1", bits: int = 8, *, width: int = 48, height: int = 40) -> np.ndarray:
    """Smooth gray values over nearly the whole range of ``bits``, (height, width)."""
    low = -(2 ** (bits - 1)) if np.dtype(kind).kind == "i" else 0
    steps = np.add.outer(np.arange(height), np.arange(width))
    return (low + steps * (2**bits - 1) // int(steps.max())).astype(kind)


def dataset(pixels: np.ndarray, *, bits: int = 0, modality: str = "US", **elements: Any) -> Dataset:
    """An image of a patient, with uncompressed pixels.

    Args:
        pixels: (height, width), (height, width, 3), or these with frames in front when
            ``NumberOfFrames`` is among the elements.
        bits: Bits Stored; those of the array's type by default.
        modality: Modality (0008,0060).
        elements: further elements by keyword; None takes one away.
    """
    coloured = pixels.shape[-1] == 3
    made = Dataset()
    height, width = pixels.shape[-3:-1] if coloured else pixels.shape[-2:]
    stored = bits or 8 * pixels.itemsize
    given = {
        **PATIENT,
        "SOPClassUID": SOP_CLASSES.get(modality, US_IMAGE),
        "SOPInstanceUID": "1.2.3.4",
        "Modality": modality,
        "SamplesPerPixel": 3 if coloured else 1,
        "PhotometricInterpretation": "RGB" if coloured else "MONOCHROME2",
        "PlanarConfiguration": 0 if coloured else None,
        "Rows": height,
        "Columns": width,
        "BitsAllocated": 8 * pixels.itemsize,
        "BitsStored": stored,
        "HighBit": stored - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        **elements,
    }
    for keyword, value in given.items():
        if value is not None:
            setattr(made, keyword, value)
    made.PixelData = pixels.tobytes() + bytes(pixels.nbytes % 2)
    made["PixelData"].VR = "OB" if pixels.itemsize == 1 else "OW"
    return made


def written(made: Dataset, syntax: str = uid.ExplicitVRLittleEndian) -> bytes:
    """The bytes of a file; the pixels have to be as the syntax says."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = made.get("SOPClassUID", US_IMAGE)
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def dicom(pixels: np.ndarray, syntax: str = uid.ExplicitVRLittleEndian, **options: Any) -> bytes:
    """A file of one frame; options are those of `dataset`."""
    made = dataset(pixels, **options)
    if syntax == uid.ExplicitVRBigEndian:
        made.PixelData = pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()
    elif syntax not in NATIVE:
        made.PixelData = encapsulate([compressed(pixels, syntax, made)])
        made["PixelData"].VR = "OB"
    return written(made, syntax)


def understated(pixels: np.ndarray, syntax: str, said: int, **options: Any) -> bytes:
    """A file of one compressed frame whose header then says fewer Bits Stored than it was made of.

    Args:
        pixels: as of `dataset`.
        syntax: a compressed one.
        said: the Bits Stored of the header.
        options: those of `dataset`, for the frame.
    """
    made = dataset(pixels, **options)
    made.PixelData = encapsulate([compressed(pixels, syntax, made)])
    made["PixelData"].VR = "OB"
    made.BitsStored, made.HighBit = said, said - 1
    return written(made, syntax)


def element(tag: int, vr: str, value: bytes, *, ends: bool = True) -> bytes:
    """An element in explicit little endian, of a kind whose length has 32 bits.

    Args:
        tag: group and element: 0x00283010.
        vr: Value Representation: "SQ".
        value: its bytes.
        ends: its length is said; otherwise a delimiter comes behind it.
    """
    head = struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), 0)
    if ends:
        return head + struct.pack("<L", len(value)) + value
    return head + b"\xff\xff\xff\xff" + value + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def item(value: bytes) -> bytes:
    """An item of a sequence, of a length that is said."""
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(value)) + value


def before(tag: int, addition: bytes, whole: bytes) -> bytes:
    """A file in little endian with an addition in front of an element."""
    at = whole.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 132)
    return whole[:at] + addition + whole[at:]


def deflated(whole: bytes) -> bytes:
    """The deflated file of one in explicit little endian."""
    head = dicom(ramp(), uid.DeflatedExplicitVRLittleEndian)
    deflate = zlib.compressobj(9, wbits=-15)
    content = deflate.compress(whole[_after_meta(whole) :]) + deflate.flush()
    return head[: _after_meta(head)] + content


def _after_meta(whole: bytes) -> int:
    length: int = struct.unpack("<L", whole[140:144])[0]
    return 144 + length


def frames(*pictures: np.ndarray, **options: Any) -> bytes:
    """An uncompressed file of several frames."""
    return written(dataset(np.stack(pictures), NumberOfFrames=len(pictures), **options))


def compressed(pixels: np.ndarray, syntax: str, made: Dataset) -> bytes:
    """One frame as a compressed stream."""
    if syntax == uid.RLELossless:
        return bytes(get_encoder(uid.RLELossless).encode(made, index=0))
    if syntax in {uid.JPEG2000Lossless, uid.JPEG2000}:
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, "JPEG2000", no_jp2=True)
        return stream.getvalue()
    return _by_gdcm(pixels, syntax, made)


def _by_gdcm(pixels: np.ndarray, syntax: str, made: Dataset) -> bytes:
    image = gdcm.Image()
    image.thisown = False  # GDCM counts its own references, and lets it go with the last
    image.SetNumberOfDimensions(2)
    image.SetDimensions((made.Columns, made.Rows, 1))
    photometric = gdcm.PhotometricInterpretation.GetPIType(made.PhotometricInterpretation)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(photometric))
    sizes = made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation
    image.SetPixelFormat(gdcm.PixelFormat(made.SamplesPerPixel, *sizes))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.ExplicitVRLittleEndian))
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetByteStringValue(pixels.tobytes())
    image.SetDataElement(element)
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    change.SetForce(True)
    change.SetInput(image)
    assert change.Change(), f"GDCM cannot write {syntax}"
    output = change.GetOutput()
    fragments = output.GetDataElement().GetSequenceOfFragments()
    count = fragments.GetNumberOfFragments()
    pieces = [fragments.GetFragment(at).GetByteValue().GetBuffer() for at in range(count)]
    return b"".join(piece.encode("utf-8", "surrogateescape") for piece in pieces)


def lookup(entries: np.ndarray, *, first: int = 0, bits: int = 16) -> Sequence:
    """A Modality LUT Sequence or VOI LUT Sequence of one table."""
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 2**16, first, bits]
    item["LUTDescriptor"].VR = "US" if first >= 0 else "SS"
    item.LUTExplanation = f"{MARK} table"
    item.LUTData = entries.astype("<u2").tobytes()
    item["LUTData"].VR = "OW"
    return Sequence([item])


def without_markers(jpeg: bytes) -> bytes:
    """A JPEG image without the segments of applications, which say what its colours are."""
    kept, place = jpeg[:2], 2
    while jpeg[place + 1] != 0xDA:
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4])
        if not 0xE0 <= jpeg[place + 1] <= 0xEF:
            kept += jpeg[place:end]
        place = end
    return kept + jpeg[place:]
