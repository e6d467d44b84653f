"""Reports: a result to carry in a page, and the files that are made of it on request."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from portal.downloads import JSON, Download
from portal.errors import ReportRefused
from portal.result import Document
from portal.seal import Seal

FIELD = "result"
"""Name of the form's hidden field."""


def result_file(document: Document, suffix: str, content_type: str, content: bytes) -> Download:
    """A file whose name tells nothing but the time: that of the upload may be a patient's."""
    time = str(document["time"]).replace("-", "").replace(":", "")
    name = f"breast-imaging-result-{time}.{suffix}"
    return Download(name=name, content=content, content_type=content_type)


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Keeps nothing: a page carries its own result, signed, and sends it back for a file."""

    seal: Seal
    clock: Callable[[], datetime] = now

    def json(self, form: Mapping[str, str]) -> Download:
        """The JSON file of a sent form.

        Raises:
            ReportRefused: the form holds no result, or one that this portal did not give.
        """
        document = self._document(form)
        text = json.dumps(document, ensure_ascii=False, indent=2)
        return result_file(document, "json", JSON, f"{text}\n".encode())

    def pdf(self, form: Mapping[str, str]) -> Download:
        """The PDF file of a sent form.

        Raises:
            ReportRefused: the form holds no result, or one that this portal did not give.
        """
        from portal.report_pdf import report_pdf  # ReportLab: only who saves a report waits for it

        document = self._document(form)
        return result_file(document, "pdf", "application/pdf", report_pdf(document))

    def _document(self, form: Mapping[str, str]) -> Document:
        if set(form) != {FIELD}:
            raise ReportRefused(
                expected=f"a form with the field '{FIELD}' alone", received="another form"
            )
        return self.seal.opened(form[FIELD])
