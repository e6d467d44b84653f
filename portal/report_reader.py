"""ReportReader: the study's report, written in Markdown, and the folder of its figures."""

import logging
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from portal.errors import Banner, ReportUnreadable
from portal.report_html import Chapter, report_html

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """What ``report.html`` shows; its fields are the template's names."""

    html: Markup = Markup()  # empty: no report is written yet
    chapters: tuple[Chapter, ...] = ()
    banner: Banner | None = None


class ReportReader:
    """Reads ``report.md`` of a folder; its figures are the SVG files in ``figures`` beside it."""

    def __init__(self, folder: Path) -> None:
        self._report = folder / "report.md"
        self.figures = folder / "figures"

    def page(self) -> ReportPage:
        """The page of the report; it says so when there is none, or none to read."""
        if not self._report.is_file():
            return ReportPage()
        try:
            source = self._report.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            _log.exception("the report could not be read")
            refusal = ReportUnreadable(
                expected=f"a text in {self._report.name}", received="something else"
            )
            return ReportPage(banner=Banner.of(refusal))
        html, chapters = report_html(source)
        return ReportPage(html=html, chapters=chapters)
