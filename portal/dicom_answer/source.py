"""Source: the uploaded DICOM file that an answer belongs to, and whom and what it names.

What is read here goes into the answer and nowhere else: no page, no log line and no message has
it, and nothing here says it in ``repr``.
"""

import re
from dataclasses import dataclass, field
from typing import Self

from pydicom import uid
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from models.dicom_file import read_elements
from models.dicom_groups import functional_group
from models.imaging import READERS
from models.room import require_room
from portal.errors import NoStudy, NotDicom

_LONGEST = 1024  # bytes of a value: five name groups of 64 characters, of several bytes each
_PADDING = b" \0"
_UID = re.compile(rb"[0-9]+(\.[0-9]+)*")
_OFFSET = re.compile(rb"[+-][01][0-9][0-5][0-9]")

_CHARACTERS = "SpecificCharacterSet"
_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID")
_HELD = (  # Type 2: there, even if nothing is known. DICOM PS3.3 C.7.1.1, C.7.2.1
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
)
_PASSED = (  # Types 1C and 3: where the file has them
    "IssuerOfPatientID",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "LongitudinalTemporalInformationModified",
    "PatientSpeciesDescription",
    "StudyDescription",
)
_OF_ANIMALS = (  # Type 2C: of an animal even if nothing is known. DICOM PS3.3 C.7.1.1, C.7.2.2
    "PatientSexNeutered",
    "PatientBreedDescription",
    "ResponsiblePerson",
    "ResponsibleOrganization",
)
_CODED_OF_ANIMALS = ("PatientBreedCodeSequence", "BreedRegistrationSequence")  # the same, but empty
_ROLE = "ResponsiblePersonRole"
_CLOCK = "TimezoneOffsetFromUTC"
_LOSSY = "LossyImageCompression"
_LOSES = frozenset({uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit})
_MAY_LOSE = frozenset({uid.JPEGLSNearLossless, uid.JPEG2000})
_SIDES = ("ImageLaterality", "Laterality")
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_TAKEN = (*_PASSED, *_OF_ANIMALS, _ROLE)
_WANTED = (_CHARACTERS, _CLOCK, "NumberOfFrames", _LOSSY, *_NEEDED, *_HELD, *_TAKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One frame of a DICOM file, with the identification of its patient and study."""

    study: Dataset = field(repr=False)  # elements of Patient and General Study, bytes as they were
    sop_class: str = field(repr=False)  # SOP Class UID (0008,0016)
    instance: str = field(repr=False)  # SOP Instance UID (0008,0018)
    series: str = field(repr=False)  # Series Instance UID (0020,000E)
    laterality: str = ""  # of the breast: "L" or "R"; empty where the file does not say
    lossy: bool = False  # whether its pixels were ever compressed with a loss
    offset: str | None = None  # Timezone Offset From UTC (0008,0201): "+0100"
    frame: int | None = None  # counted from 1; None where the file has only one

    @classmethod
    def of(cls, data: bytes, frame: int | None) -> Self:
        """The source that a file is.

        Args:
            data: the whole file.
            frame: the number of the one that was analysed; None where the file has only one.

        Raises:
            NotDicom: the file is of another format.
            NoStudy: the file does not say of which study it is, or which instance.
        """
        if not _dicom(data):
            raise NotDicom(expected="a DICOM file", received="a file of another format")
        try:
            elements, syntax = read_elements(data, _tags(_WANTED + _SIDES + _GROUPS))
            values = {keyword: _value(elements, keyword) for keyword in _WANTED}
            laterality = _laterality(elements, frame)
        except Exception as error:  # noqa: BLE001 -- pydicom's many kinds; the pixels were sound
            require_room(error)
            # Without its cause: that may quote the file, patient's name included.
            raise NoStudy(expected=_EXPECTED, received="a header that is damaged") from None
        uids = [values[keyword] for keyword in _NEEDED]
        if not all(len(each) <= 64 and _UID.fullmatch(each) for each in uids):
            raise NoStudy(expected=_EXPECTED, received="a file without one of them")
        _, series, kind, instance = (each.decode() for each in uids)
        several = values["NumberOfFrames"] not in (b"", b"1")
        if not _OFFSET.fullmatch(values[_CLOCK]):
            values[_CLOCK] = b""
        return cls(
            study=_identification(values),
            sop_class=kind,
            instance=instance,
            series=series,
            laterality=laterality,
            lossy=_lossy(values[_LOSSY], syntax),
            offset=values[_CLOCK].decode() or None,
            frame=frame if several else None,
        )


_EXPECTED = "a DICOM file that names its study, series and instance"


def _dicom(data: bytes) -> bool:
    return any(reader.format == "DICOM" and reader.recognises(data) for reader in READERS)


def _tags(keywords: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(int(tag_for_keyword(keyword) or 0) for keyword in keywords)


def _value(elements: Dataset, keyword: str) -> bytes:
    """The bytes of a text without their padding; none where it is not there, or far too long."""
    if keyword not in elements:
        return b""
    element: DataElement | RawDataElement = elements.get_item(keyword)
    value = element.value
    if not isinstance(value, bytes):  # pydicom has looked at the character set, and at UIDs
        values = [value] if isinstance(value, str) or value is None else list(value)
        value = "\\".join(str(part or "") for part in values).encode("ascii", "replace")
    value = value.strip(_PADDING) if keyword != _CHARACTERS else value.rstrip(_PADDING)
    return value if len(value) <= _LONGEST else b""


def _laterality(elements: Dataset, frame: int | None) -> str:
    """The side of the breast, "L" or "R"; empty where the file does not say, or says both.

    What is said of the frame goes before what is said of the image, and that before the series.

    Source: DICOM PS3.3 C.7.3.1, C.8.11.7 and, for a frame, C.7.6.16.2.8.
    """
    anatomy = functional_group(elements, "FrameAnatomySequence", (frame or 1) - 1)
    sides = [_value(anatomy, "FrameLaterality"), *(_value(elements, each) for each in _SIDES)]
    said = next(filter(None, sides), b"")
    return said.decode() if said in (b"L", b"R") else ""


def _lossy(said: bytes, syntax: uid.UID) -> bool:
    """Whether pixels have lost something, by Lossy Image Compression (0028,2110) or as they are.

    Args:
        said: "01", "00" or nothing.
        syntax: what the file's pixels are compressed by.
    """
    return said == b"01" or syntax in _LOSES or (syntax in _MAY_LOSE and said != b"00")


def _identification(values: dict[str, bytes]) -> Dataset:
    """The elements that the answer shares with its source.

    They are not decoded: whatever the character set of the file is, its names stay what they are.
    """
    made = Dataset()
    if values["PatientIdentityRemoved"] == b"YES" and not values["DeidentificationMethod"]:
        values["DeidentificationMethod"] = b"As of the image that was sent"
    if not values["ResponsiblePerson"]:
        values[_ROLE] = b""
    is_animal = bool(values["PatientSpeciesDescription"])
    for keyword in _CODED_OF_ANIMALS if is_animal else ():
        setattr(made, keyword, Sequence())
    held = {"StudyInstanceUID", *_HELD, *(_OF_ANIMALS if is_animal else ())}
    for keyword in ("StudyInstanceUID", *_HELD, _CHARACTERS, _CLOCK, *_TAKEN):
        if not (values[keyword] or keyword in held):
            continue
        tag, kind = Tag(keyword), dictionary_VR(keyword)
        value = values[keyword]
        if len(value) % 2:
            value += b"\0" if kind == "UI" else b" "
        made[tag] = RawDataElement(tag, kind, len(value), value, 0, False, True)
    return made
