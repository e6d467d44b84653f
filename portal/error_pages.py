"""Answers to what went wrong outside a form: pages, and problem documents for programs."""

from math import ceil

from flask import Flask, Response, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import (
    BadHost,
    ClientDisconnected,
    HTTPException,
    RequestEntityTooLarge,
    SecurityError,
)

from portal.answered import Answered, note
from portal.client import ClientLeft
from portal.door import names_its_site
from portal.downloads import DownloadRefused
from portal.drain import drain
from portal.errors import (
    AccessRefused,
    Banner,
    PortalBusy,
    PortalError,
    ReportRefused,
    UnreadableForm,
    UploadTooLarge,
    UploadTooSlow,
)
from portal.form_parts import TooManyParts
from portal.paced import PACE, SILENCE
from portal.problem import Problem, for_program, wants_problem

_WORDS = {
    400: ("This request could not be read", "Go back, load the page again and try once more."),
    404: ("There is no such page", "Check the address, or start from the first page."),
    405: ("This page cannot be used that way", "Open it in the browser, without sending a form."),
    500: (
        "Something went wrong here",
        "Try again. If it happens again, tell whoever runs this portal the number below.",
    ),
}
_OTHER = ("This request was not answered", "Go back and try again.")
_PROGRAM_WORDS = {
    400: "The request could not be read.",
    404: "Nothing is found at this address.",
    405: "This address is not asked with this method; the header Allow names those it has.",
    500: "Something went wrong here; the incident's number tells what to look for in the log.",
}
_PROGRAM_OTHER = "The request was not answered."
_CLIENT_LEFT = 499  # in the log alone; the word of proxies for it
_BUSY_SECONDS = 5  # after which a busy portal may be asked again
_DRAIN_FACTOR = 8  # how many times the limit is read and thrown away before the line is cut


def register_error_pages(app: Flask) -> None:
    """Answer every error of ``app`` with a calm page; no exception's text reaches a reader."""
    app.register_error_handler(BadHost, _bad_host)
    app.register_error_handler(SecurityError, _bad_host)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(PortalBusy, _busy)
    app.register_error_handler(ClientLeft, _left)
    app.register_error_handler(ClientDisconnected, _cut_short)
    app.register_error_handler(ParseException, _no_http)
    app.register_error_handler(AccessRefused, _no_access)
    app.register_error_handler(DownloadRefused, _no_file)
    app.register_error_handler(ReportRefused, _no_form)
    app.register_error_handler(UnreadableForm, _no_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, unexpected)


def _answer(
    code: int, *, incident: str | None = None, banner: Banner | None = None
) -> str | Response:
    """A page; a problem document where programs ask."""
    if for_program():
        if banner is not None:
            return Problem.of(banner, code).response()
        words = _PROGRAM_WORDS.get(code, _PROGRAM_OTHER)
        return Problem.plain(code, words, incident=incident).response()
    return render_template(
        "error.html", banner=banner or _plain(code), incident=incident, code=code, page=_page()
    )


def _plain(code: int) -> Banner:
    """What a page says where the status alone says what is wrong."""
    title, action = _WORDS.get(code, _OTHER)
    return Banner(
        kind=PortalError, title=title, expected="", received="", action=action, program_action=""
    )


def _page() -> str | None:
    """The page whose form was sent; None where the address has none, or nothing was sent."""
    rule = request.url_rule
    is_page = rule is not None and "GET" in (rule.methods or ())
    return f"{request.script_root}{request.path}" if is_page and request.method == "POST" else None


def _noted(refusal: PortalError) -> Banner:
    banner = Banner.of(refusal)
    note(Answered.of([], [banner], {}))
    return banner


def _http_error(error: HTTPException) -> ResponseReturnValue:
    response = error.get_response()
    if error.code is None or error.code < 400:  # a redirect is no error
        return response
    headers = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
    return _answer(error.code), error.code, headers


def _bad_host(_error: BadHost | SecurityError) -> ResponseReturnValue:
    """Answer in plain text: without a usable host no page can say where its links lead."""
    text = (
        "The host of this request cannot be used. If it is right, whoever runs this portal can "
        "name it in TRUSTED_HOSTS."
    )
    if for_program():
        return Problem.plain(400, text).response()
    return text, 400, {"Content-Type": "text/plain"}


def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    limit = request.max_content_length or 0
    drain(limit * _DRAIN_FACTOR)
    return _answer(413, banner=_noted(_too_much(error, request.content_length, limit))), 413


def note_departure() -> None:
    """Have it logged and counted that the client left before its answer."""
    note(Answered(refusals=(ClientLeft.__name__,)))


def _left(_left: ClientLeft | ClientDisconnected) -> ResponseReturnValue:
    note_departure()
    return "", _CLIENT_LEFT


def _cut_short(cut: ClientDisconnected) -> ResponseReturnValue:
    """A body that did not come to its end: its client has left, or is too slow."""
    if not isinstance(cut.__context__, TimeoutError):
        return _left(cut)
    slow = UploadTooSlow(
        expected=f"a form of at least {PACE} KiB a second, with no pause of {SILENCE} seconds",
        received="a slower one",
    )
    return _said(slow, 408, {})


def _no_http(_error: ParseException) -> ResponseReturnValue:
    """A body in chunks that are none, which gunicorn finds when the form is read."""
    note(Answered(refusals=(UnreadableForm.__name__,)))
    return _answer(400), 400


def _busy(busy: PortalBusy) -> ResponseReturnValue:
    return _said(busy, 503, {"Retry-After": str(_BUSY_SECONDS)})


def _no_access(refusal: AccessRefused) -> ResponseReturnValue:
    if refusal.drained:
        drain(int(current_app.config["MAX_CONTENT_LENGTH"]))
    headers = {"Retry-After": str(ceil(refusal.wait))} if refusal.wait else {}
    # A browser would ask for a name and a password in a window of its own, and keep them.
    if refusal.status == 401 and wants_problem() and not names_its_site():
        headers["WWW-Authenticate"] = 'Basic realm="portal", charset="UTF-8"'
    return _said(refusal, refusal.status, headers)


def _said(refusal: PortalError, status: int, headers: dict[str, str]) -> ResponseReturnValue:
    """Say it to a reader as a page, to a program as a problem document."""
    banner = _noted(refusal)
    if wants_problem():
        return Problem.of(banner, status).response(), status, headers
    return _answer(status, banner=banner), status, headers


def _no_file(refused: DownloadRefused) -> ResponseReturnValue:
    return _answer(refused.status, banner=refused.banner), refused.status


def _no_form(refused: ReportRefused | UnreadableForm) -> ResponseReturnValue:
    return _said(refused, 400, {})


def _too_much(error: RequestEntityTooLarge, length: int | None, limit: int) -> UploadTooLarge:
    """The refusal of a body of ``length`` bytes, of unknown length, or of too many parts."""
    if isinstance(error, TooManyParts):
        return UploadTooLarge(expected="a form with one file", received="a form of too many parts")
    expected = f"a file of at most {limit // 2**20} MiB"  # the rest of its form is a small part
    if length is None:
        return UploadTooLarge(expected=expected, received="a larger one")
    tenths = -(-10 * length // 2**20)  # rounded up: it is never said to be the limit
    return UploadTooLarge(expected=expected, received=f"about {tenths // 10}.{tenths % 10} MiB")


def unexpected(error: Exception) -> ResponseReturnValue:
    """Log a failure under the number of its request, and say no more than that number."""
    incident = g.request_id[:8]
    current_app.logger.error(
        "incident %s at %s %s", incident, request.method, request.url_rule, exc_info=error
    )
    return _answer(500, incident=incident), 500
