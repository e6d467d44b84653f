"""What an answer takes over from the file that was sent, and what it leaves behind."""

from typing import Any

import pytest
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from models.errors import Refusal
from portal.dicom_answer.source import Source
from portal.errors import NoStudy, NotDicom
from tests.dicoms import LOSSLESS, LOSSY, MARK, NATIVE, PATIENT, dicom, frames, ramp
from tests.fakes import png

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}


def source(frame: int | None = None, **elements: Any) -> Source:
    return Source.of(dicom(ramp(), **STUDY | elements), frame)


def test_patient_and_study_are_taken_over() -> None:
    found = source(PatientSex="F", StudyTime="101500").study
    assert found.StudyInstanceUID == STUDY["StudyInstanceUID"]
    assert (found.PatientName, found.PatientID) == (PATIENT["PatientName"], PATIENT["PatientID"])
    assert (found.PatientSex, found.StudyTime) == ("F", "101500")
    assert found.StudyDescription == PATIENT["StudyDescription"]


def test_what_must_be_there_is_there_even_if_nothing_is_known() -> None:
    found = source(PatientName=None, AccessionNumber=None).study
    for keyword in ("PatientName", "AccessionNumber", "StudyID"):
        assert keyword in found
        assert not found[keyword].value


OWNER = {"ResponsiblePerson": "Own^Er", "ResponsiblePersonRole": "OWNER"}
OF_ANIMALS = (  # Type 2C of PS3.3 C.7.1.1 and C.7.2.2, where the patient is no human
    "PatientSexNeutered",
    "PatientBreedDescription",
    "PatientBreedCodeSequence",
    "BreedRegistrationSequence",
    "ResponsiblePerson",
    "ResponsibleOrganization",
)


def test_of_an_animal_all_is_there_that_must_be() -> None:
    known = {"PatientBreedDescription": "Poodle", "PatientSexNeutered": "ALTERED"}
    found = source(PatientSpeciesDescription="Canis", **OWNER, **known).study
    assert [keyword for keyword in OF_ANIMALS if keyword not in found] == []
    for keyword, value in {**OWNER, **known}.items():
        assert found[keyword].value == value
    assert not found.ResponsibleOrganization
    assert not found.PatientBreedCodeSequence
    assert not [keyword for keyword in OF_ANIMALS if keyword in source().study]


def test_a_responsible_person_has_a_role_and_no_role_is_without_one() -> None:
    found = source(**OWNER).study
    assert (found.ResponsiblePerson, found.ResponsiblePersonRole) == ("Own^Er", "OWNER")
    assert "ResponsiblePersonRole" not in source(ResponsiblePersonRole="OWNER").study


@pytest.mark.parametrize("method", [None, "By hand"])
def test_a_file_without_identity_says_how_it_lost_it(method: str | None) -> None:
    removed = {"PatientIdentityRemoved": "YES", "DeidentificationMethod": method}
    found = source(**removed).study
    assert found.PatientIdentityRemoved == "YES"
    assert found.DeidentificationMethod == (method or "As of the image that was sent")
    assert "DeidentificationMethod" not in source().study


def test_everything_else_stays_behind() -> None:
    found = source().study
    for keyword in ("PatientComments", "InstitutionName", "ImageComments", "PixelData", "Modality"):
        assert keyword not in found


def test_it_says_nothing_of_the_patient_when_it_is_printed() -> None:
    assert MARK not in repr(source())
    assert STUDY["StudyInstanceUID"] not in repr(source())


@pytest.mark.parametrize("content", [png(), b"", b"text" * 100])
def test_another_format_is_refused(content: bytes) -> None:
    with pytest.raises(NotDicom):
        Source.of(content, None)


@pytest.mark.parametrize("keyword", [*STUDY, "SOPInstanceUID"])
@pytest.mark.parametrize("value", [None, "", MARK, "1..2", "1" * 65])
def test_a_file_without_a_place_is_refused(keyword: str, value: str | None) -> None:
    content = dicom(ramp(), **STUDY | {keyword: value})
    with pytest.raises(NoStudy) as refused:
        Source.of(content, None)
    assert MARK not in str(refused.value)


def test_a_header_cut_short_is_refused() -> None:
    with pytest.raises(Refusal):
        Source.of(dicom(ramp(), **STUDY)[:200], None)


@pytest.mark.parametrize(("laterality", "found"), [("L", "L"), ("R", "R"), ("B", ""), (None, "")])
def test_the_side_of_the_breast(laterality: str | None, found: str) -> None:
    assert source(ImageLaterality=laterality).laterality == found


@pytest.mark.parametrize(("said", "found"), [("R", "R"), ("B", ""), ("", "L")])
def test_the_side_of_an_image_goes_before_that_of_its_series(said: str, found: str) -> None:
    assert source(ImageLaterality=said, Laterality="L").laterality == found
    made = frames(ramp(), **STUDY, Laterality="L", SharedFunctionalGroupsSequence=[_anatomy(said)])
    assert Source.of(made, 1).laterality == found


@pytest.mark.parametrize("kind", ["Shared", "PerFrame"])
def test_the_side_of_the_breast_in_a_frame(kind: str) -> None:
    groups = [_anatomy(side) for side in (["L"] if kind == "Shared" else ["R", "L", "U"])]
    made = frames(ramp(), ramp(), ramp(), **STUDY, **{f"{kind}FunctionalGroupsSequence": groups})
    found = [Source.of(made, number).laterality for number in (1, 2, 3)]
    assert found == (["L", "L", "L"] if kind == "Shared" else ["R", "L", ""])


def _anatomy(side: str) -> Dataset:
    anatomy, group = Dataset(), Dataset()
    anatomy.FrameLaterality = side
    group.FrameAnatomySequence = Sequence([anatomy])
    return group


@pytest.mark.parametrize("syntax", [*NATIVE, *LOSSLESS, *LOSSY], ids=lambda each: each.name)
@pytest.mark.parametrize("said", [None, "00", "01"])
def test_what_is_compressed_with_a_loss_has_one(syntax: uid.UID, said: str | None) -> None:
    content = dicom(ramp(), syntax, **STUDY, LossyImageCompression=said)
    may_be_without = {uid.JPEGLSNearLossless, uid.JPEG2000}
    loses = syntax in LOSSY and not (syntax in may_be_without and said == "00")
    assert Source.of(content, None).lossy == (loses or said == "01")


@pytest.mark.parametrize(
    ("offset", "found"), [("+0100", "+0100"), ("-0930", "-0930"), ("CET", None), (None, None)]
)
def test_the_clock_of_the_file(offset: str | None, found: str | None) -> None:
    made = source(TimezoneOffsetFromUTC=offset)
    assert made.offset == found
    assert made.study.get("TimezoneOffsetFromUTC") == found


def test_a_frame_is_named_only_where_there_are_several() -> None:
    assert source(frame=1).frame is None
    assert Source.of(frames(ramp(), ramp(), **STUDY), 2).frame == 2


@pytest.mark.parametrize("length", [63, 1024, 1025, 70_000])
def test_a_value_that_is_far_too_long_is_left_out(length: int) -> None:
    kept = source(PatientID="x" * length).study["PatientID"].value
    assert kept == ("x" * length if length <= 1024 else "")
