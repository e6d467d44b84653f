"""DocumentReader: what users should know beyond the first page, written in Markdown."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from portal.document_addresses import NAMES
from portal.report_html import Chapter, report_html


@dataclass(frozen=True, kw_only=True)
class DocumentPage:
    """What ``document.html`` shows; its fields are the template's names."""

    title: str
    html: Markup
    chapters: tuple[Chapter, ...]


class DocumentReader:
    """Reads the documents of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def titles(self) -> dict[str, str]:
        """Name -> title of those that are there."""
        return {name: _title(self._path(name).read_text("utf-8")) for name in self.names}

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are there."""
        return tuple(name for name in NAMES if self._path(name).is_file())

    def page(self, name: str) -> DocumentPage:
        """The page of a document; links to files that the portal does not show are only text."""
        source = self._path(name).read_text("utf-8")
        html, chapters = report_html(source)
        return DocumentPage(title=_title(source), html=html, chapters=chapters)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.md"


def _title(source: str) -> str:
    return source.partition("\n")[0].removeprefix("# ")
