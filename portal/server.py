"""Serves the portal with gunicorn: one worker, several threads, one line when it is ready."""

import json
import os
import secrets
import signal
import sys
import threading
import time
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from models.errors import Refusal
from portal import create_app, start_checks
from portal.failure_log import ServerLog
from portal.request_log import write_request_log
from portal.settings import PROJECT, Settings

_PATIENCE = 120  # seconds, for the worker to load and for its first answer
_PAGE_THREADS = 8  # for pages and health while every upload that is allowed holds a thread
_CONNECTIONS = 512  # a process may have 1,024 files open; models and uploads take some, too
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- told apart, not listened at


class GentleArbiter(Arbiter):  # type: ignore[misc] # gunicorn publishes no types
    """Gunicorn's master, which ends its worker gently on Ctrl-C too.

    Gunicorn's quick end can lock up a worker that is just taking a request, and leaves uploads
    behind. A second Ctrl-C still ends at once.
    """

    def handle_int(self) -> None:
        """Do on Ctrl-C what SIGTERM does."""
        self.handle_term()


class Server(BaseApplication):  # type: ignore[misc] # gunicorn publishes no types
    """Gunicorn with the portal's settings. The application is loaded in the worker only.

    OpenVINO must not be loaded before a fork, so there is no preloading; one worker,
    because every worker holds its own copy of the models.
    """

    def __init__(self, settings: Settings) -> None:
        key = settings.secret_key or secrets.token_hex(32)  # one for all workers of this start
        self._settings = replace(settings, secret_key=key)
        super().__init__()

    @property
    def max_upload_bytes(self) -> int:
        """How large an upload may be, which its time is measured by."""
        return self._settings.max_upload_bytes

    def load_config(self) -> None:
        """Fill gunicorn's configuration; files and variables of gunicorn's own are not read."""
        for name, value in self.options().items():
            self.cfg.set(name, value)

    def options(self) -> dict[str, Any]:
        """Gunicorn's settings, by name."""
        return {
            "bind": f"{_bracketed(self._settings.host)}:{self._settings.port}",
            "worker_class": "portal.worker.PortalWorker",
            "workers": 1,
            "threads": self._settings.threads + _PAGE_THREADS,
            "worker_connections": _CONNECTIONS,
            "timeout": _PATIENCE,
            "graceful_timeout": 30,
            "keepalive": 5,
            "loglevel": "warning",
            "logger_class": ServerLog,
            "control_socket_disable": True,
            # Whom to believe of a scheme or a path is for PROXIES to say, see `portal.door`.
            "secure_scheme_headers": {},
            "forwarder_headers": "",
            "post_worker_init": self._worker_is_up,
        }

    def load(self) -> Any:
        """The WSGI application, as in ``app.py`` but with the settings of the master."""
        from portal.route_registry import RouteRegistry  # loads what a fork must not find loaded

        app = create_app(self._settings)
        RouteRegistry(app)
        return app

    def run(self) -> None:
        """Serve until stopped."""
        GentleArbiter(self).run()

    def _worker_is_up(self, worker: Worker) -> None:
        """Have it said once, from beside the first worker, when the portal answers."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the master's to handle
        write_request_log(sys.stderr)
        if worker.age == 1:
            threading.Thread(target=announce_ready, args=(self._settings,), daemon=True).start()


def announce_ready(settings: Settings) -> None:
    """Print one line when the portal answers; what it cannot do yet goes to standard error."""
    host = _bracketed(settings.host)
    report = _first_report(_EVERYWHERE.get(settings.host, settings.host), settings.port)
    for check in report.get("checks", ()):
        if not check["passed"]:
            print(f"Warning: {check['name']}: {check['detail']}", file=sys.stderr, flush=True)
    print(f"Ready: http://{host}:{settings.port}", flush=True)


def _first_report(host: str, port: int) -> dict[str, Any]:
    """The first answer of /readyz; asking for it also opens one model."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        connection = HTTPConnection(host, port, timeout=_PATIENCE)
        try:
            connection.request("GET", "/readyz", headers={"Connection": "close"})
            report: dict[str, Any] = json.load(connection.getresponse())
        except (OSError, HTTPException, ValueError):
            time.sleep(0.1)
        else:
            return report
        finally:
            connection.close()
    return {"checks": [{"name": "start", "passed": False, "detail": "no answer yet"}]}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def main() -> int:
    """Check, then serve until stopped.

    Returns:
        The exit status: 1 when the portal cannot start, and says why.
    """
    try:
        settings = Settings.from_environment()
        start_checks.require(settings)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    for warning in start_checks.warnings(settings):
        print(f"Warning: {warning}", file=sys.stderr)
    os.chdir(PROJECT)
    Server(settings).run()
    return 0
