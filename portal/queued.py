"""Queued: a service whose answers take turns with those of all others, and can be kept as files."""

from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from models.errors import Refusal
from portal.dicom_answered import dicom_file
from portal.errors import Banner
from portal.prediction_queue import PredictionQueue
from portal.reports import Reports
from portal.upload import Upload
from portal.upload_page import UploadPage

Page_co = TypeVar("Page_co", bound=UploadPage, covariant=True)


class Answering(Protocol[Page_co]):
    """A service behind a form: an empty page, or the answer to an upload."""

    def page(self) -> Page_co:
        """The page before anything is sent."""

    def answer(self, upload: Upload) -> Page_co:
        """The page for a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(Generic[Page_co]):
    """Asks a service for an answer when its turn has come; empty pages need none.

    When the turn is over, an answer gets what its result is kept by: the signed result to save or,
    where the form asks for one, a DICOM file in its place.
    """

    service: Answering[Page_co]
    queue: PredictionQueue
    reports: Reports

    def page(self) -> Page_co:
        """The page before anything is sent."""
        return self.service.page()

    def answer(self, upload: Upload) -> Page_co:
        """The page for a form, which have arrived in full.

        Raises:
            PortalBusy: too many wait already.
            ClientLeft: nobody waits for the answer any more.
        """
        with self.queue.turn() as waited:
            upload.client.require()
            page = self.service.answer(upload)
        page.stages["wait"] = waited
        if page.result is None:
            return page
        document = page.result.document(self.reports.clock())
        if page.wishes.answer is None:
            return replace(page, report=self.reports.seal.sealed(document))
        try:
            return replace(page, file=dicom_file(document, page.wishes, upload))
        except Refusal as refusal:
            banner, empty = Banner.of(refusal), self.page()
            return replace(empty, banner=banner, wishes=page.wishes, stages=page.stages)
