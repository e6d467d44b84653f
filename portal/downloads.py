"""What is sent to be kept as a file, and how one of a study's page is refused."""

import re
from dataclasses import dataclass
from typing import Self

from flask import Response

from models.errors import Refusal
from portal.errors import Banner, PortalError

SVG, CSV, JSON = "image/svg+xml", "text/csv; charset=utf-8", "application/json"


class DownloadRefused(PortalError):
    """Comes with a page of its status: there is no page on which a banner could stand."""

    def __init__(self, refusal: Refusal, status: int) -> None:
        super().__init__(expected=refusal.expected, received=refusal.received)
        self.banner = Banner.of(refusal)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file in memory."""

    name: str
    content: str | bytes
    content_type: str

    @classmethod
    def of(cls, parts: tuple[str, ...], ending: str, text: str) -> Self:
        """A file whose name is made of ``parts``: a model, a figure, a fingerprint."""
        name = "_".join(re.sub(r"[^a-z0-9_.-]+", "-", part.lower()) for part in parts)
        types = {"svg": SVG, "csv": CSV, "json": JSON}
        return cls(name=f"{name}.{ending}", content=text, content_type=types[ending])

    def response(self) -> Response:
        """The answer that a browser keeps as a file."""
        response = Response(self.content, content_type=self.content_type)
        response.headers.set("Content-Disposition", "attachment", filename=self.name)
        return response
