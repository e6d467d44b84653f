"""DicomAnswered: a service whose answer is a DICOM file where the form asks for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from models.errors import Refusal
from portal.errors import Banner
from portal.file_manager import only_image
from portal.queued import Answering, Page
from portal.reports import ReportFile, now
from portal.result import Document, Result
from portal.upload import Upload
from portal.wishes import AnswerAs, Wishes

if TYPE_CHECKING:  # pydicom takes a third of a second
    from portal.dicom_answer.source import Source

MEDIA_TYPE = "application/dicom"


class Fileable(Page, Protocol):
    """A page that a file may stand in for."""

    @property
    def wishes(self) -> Wishes:
        """What the form asked for."""

    @property
    def result(self) -> Result | None:
        """What the file says; None where there is no verdict."""

    def with_file(self, file: ReportFile) -> Self:
        """The page with the file that is sent in its place."""

    def refused(self, banner: Banner, answer: Self) -> Self:
        """This page, still empty, with what keeps an answer from being such a file."""


Fileable_co = TypeVar("Fileable_co", bound=Fileable, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomAnswered(Generic[Fileable_co]):
    """Reads the upload once more, in memory, for the patient and the study that it names.

    They go into the file alone: no page, no document and no log line ever has them.
    """

    service: Answering[Fileable_co]
    clock: Callable[[], datetime] = now

    def page(self) -> Fileable_co:
        """The page before anything is sent."""
        return self.service.page()

    def answer(self, upload: Upload) -> Fileable_co:
        """The page for a form, with the file that it asked for."""
        page = self.service.answer(upload)
        wishes, result = page.wishes, page.result
        if wishes.answer is None or result is None:
            return page
        try:
            source = _source(upload, wishes)
        except Refusal as refusal:
            return self.service.page().refused(Banner.of(refusal), page)
        document = result.document(self.clock())
        return page.with_file(
            ReportFile.of(document, "dcm", MEDIA_TYPE, _written(wishes.answer, document, source))
        )


def _source(upload: Upload, wishes: Wishes) -> "Source":
    from portal.dicom_answer.source import Source

    for file in chain.from_iterable(upload.files.listvalues()):
        file.stream.seek(0)  # the intake has read it
    return Source.of(only_image(upload.files).stream.read(), wishes.frame)


def _written(kind: AnswerAs, document: Document, source: "Source") -> bytes:
    from portal.dicom_answer.secondary_capture import secondary_capture
    from portal.dicom_answer.structured_report import structured_report

    writers: Mapping[AnswerAs, Callable[[Document, Source], bytes]] = {
        "dicom-sr": structured_report,
        "dicom-sc": secondary_capture,
    }
    return writers[kind](document, source)
