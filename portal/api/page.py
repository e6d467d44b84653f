"""The page about the API: its document, and every kind of problem that an answer may name."""

from dataclasses import dataclass

from markupsafe import Markup

from portal.api.statuses import kinds, status_of
from portal.problem import anchor
from portal.report_html import Chapter, report_html
from portal.settings import PROJECT

_DOCUMENT = PROJECT / "docs" / "api.md"


@dataclass(frozen=True, kw_only=True)
class ProblemKind:
    """One kind of problem, where its ``type`` leads."""

    anchor: str
    status: int
    title: str
    action: str


@dataclass(frozen=True, kw_only=True)
class ApiPage:
    """What ``api.html`` shows; its fields are the template's names."""

    html: Markup
    chapters: tuple[Chapter, ...]
    kinds: tuple[ProblemKind, ...]


def api_page() -> ApiPage:
    """The page."""
    html, chapters = report_html(_DOCUMENT.read_text("utf-8"))
    return ApiPage(html=html, chapters=chapters, kinds=tuple(_kinds()))


def _kinds() -> list[ProblemKind]:
    return [
        ProblemKind(
            anchor=anchor(kind.__name__),
            status=status_of(kind),
            title=kind.title,
            action=kind.program_action or kind.action,
        )
        for kind in kinds()
    ]
