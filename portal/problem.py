"""Problem documents: what a program reads where a reader sees a page (RFC 9457)."""

import json
import re
import uuid
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Self

from flask import Response, g, request

from portal.errors import Banner

MEDIA_TYPE = "application/problem+json"
_PROGRAMS = "/api/"  # where addresses begin that programs ask
_MACHINES = frozenset({"/info", "/metrics"})  # what machines watch, and now and then a reader
_PAGE = "/api"  # tells what each kind of problem means
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why a request was not answered; beside RFC 9457's members those of a refusal."""

    type: str  # relative to the portal; "about:blank" where the status says it all
    title: str
    status: int
    detail: str
    instance: str | None = None  # the number of the request, as in X-Request-ID
    expected: str | None = None
    received: str | None = None
    action: str | None = None
    incident: str | None = None  # what to look for in the log, with status 500 only

    @classmethod
    def of(cls, banner: Banner, status: int) -> Self:
        """The problem of a refusal, in words for programs."""
        return cls(
            type=f"{_PAGE}#{anchor(banner.reason)}",
            title=banner.title,
            status=status,
            detail=f"Expected {banner.expected}; received {banner.received}.",
            instance=_instance(),
            expected=banner.expected,
            received=banner.received,
            action=banner.program_action,
        )

    @classmethod
    def plain(cls, status: int, detail: str, *, incident: str | None = None) -> Self:
        """The problem that a status alone describes."""
        return cls(
            type="about:blank",
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            instance=_instance(),
            incident=incident,
        )

    def to_dict(self) -> dict[str, object]:
        """For JSON: members without a value are left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def response(self) -> Response:
        """The answer that carries it."""
        text = json.dumps(self.to_dict(), ensure_ascii=False)
        return Response(text, status=self.status, content_type=MEDIA_TYPE)


def for_program() -> bool:
    """Whether the address of this request is one of those that only programs ask."""
    return request.path.startswith(_PROGRAMS)


def wants_problem() -> bool:
    """Whether whoever asks is a program, by its address or by its own word.

    At an address that machines watch nobody else but a browser names text/html.
    """
    accepted = request.accept_mimetypes
    if accepted.best_match(("text/html", "application/json")) == "application/json":
        return True
    watches = request.path in _MACHINES and "text/html" not in accepted.values()
    return for_program() or watches


def anchor(reason: str) -> str:
    """The name of a kind of refusal as in an address: ``NotAnImage`` as ``not-an-image``."""
    return _WORD.sub("-", reason).lower()


def _instance() -> str:
    return uuid.UUID(g.request_id).urn
