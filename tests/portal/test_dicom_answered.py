"""Who asks for a DICOM file gets one, and nobody else reads a header again."""

import io
from dataclasses import dataclass

import pytest
from pydicom import dcmread
from werkzeug.datastructures import FileStorage, MultiDict

from portal.dicom_answered import MEDIA_TYPE
from portal.errors import NotDicom
from portal.prediction_queue import PredictionQueue
from portal.queued import Queued
from portal.reports import Reports
from portal.result import Result
from portal.seal import Seal
from portal.upload import Upload
from portal.upload_page import UploadPage
from portal.wishes import Wishes
from tests.dicoms import dicom, ramp
from tests.fakes import png
from tests.results import TIME, single

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}
FILE = dicom(ramp(), **STUDY)
ONE = single()


@dataclass(frozen=True, kw_only=True)
class FakePage(UploadPage):
    given: Result | None = None

    @property
    def result(self) -> Result | None:
        return self.given


@dataclass(frozen=True, kw_only=True)
class FakeService:
    result: Result | None

    def page(self) -> FakePage:
        return FakePage()

    def answer(self, upload: Upload) -> FakePage:
        upload.files.getlist("image")[-1].stream.read()  # as the intake does
        return FakePage(wishes=Wishes.of(upload.fields), given=self.result)


def queued(result: Result | None) -> Queued[FakePage]:
    return Queued(
        service=FakeService(result=result),
        queue=PredictionQueue(running=1, waiting=0),
        reports=Reports(seal=Seal("a key"), clock=lambda: TIME),
    )


def asked(content: bytes, result: Result | None = ONE, **fields: str) -> FakePage:
    file = FileStorage(io.BytesIO(content), filename="a.dcm")
    return queued(result).answer(Upload(files=MultiDict([("image", file)]), fields=fields))


@pytest.mark.parametrize(("kind", "modality"), [("dicom-sr", "SR"), ("dicom-sc", "OT")])
def test_the_file_is_of_the_kind_that_was_asked_for(kind: str, modality: str) -> None:
    file = asked(FILE, answer=kind).file
    assert file is not None
    assert (file.name, file.content_type) == (
        "breast-imaging-result-20260131T093000Z.dcm",
        MEDIA_TYPE,
    )
    assert dcmread(io.BytesIO(file.content)).Modality == modality


def test_an_empty_part_before_the_file_is_passed_over() -> None:
    empty = FileStorage(io.BytesIO(), filename="")
    file = FileStorage(io.BytesIO(FILE), filename="a.dcm")
    files = MultiDict([("image", empty), ("image", file)])
    page = queued(ONE).answer(Upload(files=files, fields={"answer": "dicom-sr"}))
    assert page.file is not None


def test_who_asks_for_none_gets_the_page() -> None:
    assert asked(FILE).file is None
    assert asked(png()).banner is None


def test_a_page_carries_its_result_signed_and_a_file_in_its_place_none() -> None:
    report = asked(FILE).report
    assert report is not None
    assert Seal("a key").opened(report) == ONE.document(TIME)
    assert asked(FILE, answer="dicom-sr").report is None
    assert asked(FILE, None).report is None


def test_without_a_verdict_there_is_no_file() -> None:
    page = asked(png(), None, answer="dicom-sr")
    assert (page.file, page.banner) == (None, None)


def test_a_refusal_leaves_an_empty_page_with_the_wishes() -> None:
    page = asked(png(), answer="dicom-sr")
    assert page.banner is not None
    assert page.banner.kind is NotDicom
    assert page.wishes.answer == "dicom-sr"
    assert (page.result, page.file) == (None, None)
