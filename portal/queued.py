"""Queued: a service whose answers take turns with those of all others."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from portal.answered import Answered
from portal.prediction_queue import PredictionQueue
from portal.reports import ReportFile
from portal.stages import Stages
from portal.upload import Upload


class Page(Protocol):
    """What a service answers with."""

    @property
    def answered(self) -> Answered:
        """What came of the request."""

    @property
    def file(self) -> ReportFile | None:
        """What is sent in place of a page; None: the page itself."""

    @property
    def status(self) -> int:
        """The HTTP status of the page."""

    @property
    def stages(self) -> Stages:
        """How long its parts took."""


Page_co = TypeVar("Page_co", bound=Page, covariant=True)


class Answering(Protocol[Page_co]):
    """A service behind a form: an empty page, or the answer to an upload."""

    def page(self) -> Page_co:
        """The page before anything is sent."""

    def answer(self, upload: Upload) -> Page_co:
        """The page for a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued(Generic[Page_co]):
    """Asks a service for an answer when its turn has come; empty pages need none."""

    service: Answering[Page_co]
    queue: PredictionQueue

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
        return page
