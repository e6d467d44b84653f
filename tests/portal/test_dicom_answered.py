"""Who asks for a DICOM file gets one, and nobody else reads a header again."""

import io
from dataclasses import dataclass, field, replace
from typing import Self

import pytest
from pydicom import dcmread
from werkzeug.datastructures import FileStorage, MultiDict

from portal.answered import Answered
from portal.dicom_answered import MEDIA_TYPE, DicomAnswered
from portal.errors import Banner, NotDicom
from portal.reports import ReportFile
from portal.result import Result
from portal.stages import Stages
from portal.upload import Upload
from portal.wishes import Wishes
from tests.dicoms import dicom, ramp
from tests.fakes import png
from tests.results import TIME, single

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}
FILE = dicom(ramp(), **STUDY)
ONE = single()


@dataclass(frozen=True, kw_only=True)
class FakePage:
    wishes: Wishes = field(default_factory=Wishes)
    result: Result | None = None
    file: ReportFile | None = None
    banner: Banner | None = None
    stages: Stages = field(default_factory=Stages)

    @property
    def answered(self) -> Answered:
        return Answered()

    def with_file(self, file: ReportFile) -> Self:
        return replace(self, file=file)

    def refused(self, banner: Banner, answer: Self) -> Self:
        return replace(self, banner=banner, wishes=answer.wishes)


@dataclass(frozen=True, kw_only=True)
class FakeService:
    result: Result | None

    def page(self) -> FakePage:
        return FakePage()

    def answer(self, upload: Upload) -> FakePage:
        upload.files.getlist("image")[-1].stream.read()  # as the intake does
        return FakePage(wishes=Wishes.of(upload.fields), result=self.result)


def asked(content: bytes, result: Result | None = ONE, **fields: str) -> FakePage:
    file = FileStorage(io.BytesIO(content), filename="a.dcm")
    service = DicomAnswered(service=FakeService(result=result), clock=lambda: TIME)
    return service.answer(Upload(files=MultiDict([("image", file)]), fields=fields))


@pytest.mark.parametrize(("kind", "modality"), [("dicom-sr", "SR"), ("dicom-sc", "OT")])
def test_the_file_is_of_the_kind_that_was_asked_for(kind: str, modality: str) -> None:
    file = asked(FILE, answer=kind).file
    assert file is not None
    assert (file.name, file.mimetype) == (
        "breast-imaging-result-20260131T093000Z.dcm",
        MEDIA_TYPE,
    )
    assert dcmread(io.BytesIO(file.content)).Modality == modality


def test_an_empty_part_before_the_file_is_passed_over() -> None:
    empty = FileStorage(io.BytesIO(), filename="")
    file = FileStorage(io.BytesIO(FILE), filename="a.dcm")
    files = MultiDict([("image", empty), ("image", file)])
    service = DicomAnswered(service=FakeService(result=ONE), clock=lambda: TIME)
    page = service.answer(Upload(files=files, fields={"answer": "dicom-sr"}))
    assert page.file is not None


def test_who_asks_for_none_gets_the_page() -> None:
    assert asked(FILE).file is None
    assert asked(png()).banner is None


def test_without_a_verdict_there_is_no_file() -> None:
    page = asked(png(), None, answer="dicom-sr")
    assert (page.file, page.banner) == (None, None)


def test_a_refusal_leaves_an_empty_page_with_the_wishes() -> None:
    page = asked(png(), answer="dicom-sr")
    assert page.banner is not None
    assert page.banner.kind is NotDicom
    assert page.wishes.answer == "dicom-sr"
    assert (page.result, page.file) == (None, None)
