"""Reported: a service whose answers carry what a report is made of."""

from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from portal.queued import Answering, Page
from portal.reports import Reports
from portal.result import Result
from portal.upload import Upload


class Reportable(Page, Protocol):
    """A page that may hold a result."""

    @property
    def result(self) -> Result | None:
        """What a report says; None where there is no verdict."""

    def with_report(self, report: str) -> Self:
        """The page with its result as a form carries it."""


Reportable_co = TypeVar("Reportable_co", bound=Reportable, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Generic[Reportable_co]):
    """Signs the result of an answer, when the models' turn is over."""

    service: Answering[Reportable_co]
    reports: Reports

    def page(self) -> Reportable_co:
        """The page before anything is sent."""
        return self.service.page()

    def answer(self, upload: Upload) -> Reportable_co:
        """The page for a form, with its result to save."""
        page = self.service.answer(upload)
        result = page.result
        return page if result is None else page.with_report(self.reports.carried(result))
