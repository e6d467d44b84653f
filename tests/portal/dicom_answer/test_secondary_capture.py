"""The picture, read back and held to what the standard asks of it."""

import io

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import SecondaryCaptureImageStorage

from models.decoded import SecondaryCapture
from models.imaging import decode
from portal.dicom_answer.drawing import drawing
from portal.dicom_answer.secondary_capture import secondary_capture
from portal.dicom_answer.source import Source
from portal.intended_use import INTENDED_USE
from portal.result import Result
from tests.dicoms import dicom, ramp
from tests.results import TIME, many, single

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}

NEEDED = (  # Type 1 of the modules of PS3.3 A.8.1.3
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "ConversionType",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
)
HELD = (  # Type 2
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
    "SeriesNumber",
    "InstanceNumber",
    "PatientOrientation",
)


def content(result: Result, **elements: str) -> bytes:
    source = Source.of(dicom(ramp(), **STUDY | elements), None)
    return secondary_capture(result.document(TIME), source)


def capture(result: Result, **elements: str) -> Dataset:
    return dcmread(io.BytesIO(content(result, **elements)))


@pytest.mark.parametrize("result", [single(), many()], ids=["one", "many"])
def test_it_has_what_its_modules_need(result: Result) -> None:
    made = capture(result)
    assert made.SOPClassUID == SecondaryCaptureImageStorage
    assert [keyword for keyword in NEEDED if made[keyword].is_empty] == []
    assert [keyword for keyword in HELD if keyword not in made] == []
    assert made.ConversionType == "WSD"
    assert made.BurnedInAnnotation == "YES"
    assert list(made.ImageType) == ["DERIVED", "SECONDARY"]
    assert len(made.DerivationDescription) <= 1024


def test_it_names_the_image_that_it_was_made_of() -> None:
    (source,) = capture(single()).SourceImageSequence
    assert source.ReferencedSOPInstanceUID == "1.2.3.4"
    assert source.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"


def test_its_pixels_are_the_drawing() -> None:
    assert (capture(single()).pixel_array == drawing(single().document(TIME))).all()


def test_the_side_of_the_breast_is_kept() -> None:
    assert capture(single(), ImageLaterality="L").Laterality == "L"
    assert capture(single()).Laterality == ""


def test_a_loss_of_the_source_is_told() -> None:
    assert capture(single(), LossyImageCompression="01").LossyImageCompression == "01"
    assert "LossyImageCompression" not in capture(single(), LossyImageCompression="00")


def test_nobody_takes_it_for_an_image_to_be_read() -> None:
    with pytest.raises(SecondaryCapture):
        decode(content(single()))


def test_it_says_what_it_is_for_and_that_no_place_in_it_is_one_of_its_source() -> None:
    made = capture(single())
    assert made.ImageComments == INTENDED_USE
    assert made.SourceImageSequence[0].SpatialLocationsPreserved == "NO"
