"""One line of JSON for every request: what was asked, what came of it, how long it took."""

import json
import logging
import uuid
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, TextIO

from flask import Flask, Response, g, request

from portal.answered import noted, when_finished

if TYPE_CHECKING:  # the server's master is not to load what a verdict needs
    from portal.verdict import Verdict

REQUEST_ID = "X-Request-ID"
_log = logging.getLogger(__name__)


class JsonLine(logging.Formatter):
    """A record as one line of JSON: its time, and the fields that were logged with it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return json.dumps({"time": time, **record.__dict__["fields"]})


def write_request_log(stream: TextIO) -> None:
    """Have the lines written; without this they are not."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def register_request_log(app: Flask) -> None:
    """Number every request of ``app``, say the number in its answer, and log what came of it.

    Routes are logged as templates: no file name, no query and nothing else of a client's making.
    """

    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex
        g.began = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[REQUEST_ID] = g.request_id
        when_finished(lambda: _log.info("request", extra={"fields": _fields(response)}))
        return response


def _fields(response: Response) -> dict[str, Any]:
    answered = noted()
    return {
        "request_id": g.request_id,
        "method": request.method if request.url_rule else None,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "duration_ms": _milliseconds(perf_counter() - g.began),
        "stages_ms": {stage: _milliseconds(time) for stage, time in answered.stages.items()},
        "verdicts": [_verdict(verdict) for verdict in answered.verdicts],
        "refusals": answered.refusals,
    }


def _verdict(verdict: "Verdict") -> dict[str, str]:
    return {
        "model": verdict.key.slug,
        "fingerprint": verdict.card.fingerprint,
        "label": verdict.label,
    }


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)
