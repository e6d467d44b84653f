"""How a failure is logged: its kind and its places in the code, without its words."""

import logging
import traceback
from types import TracebackType
from typing import Any

from flask import Flask
from flask.logging import default_handler
from gunicorn.glogging import Logger

_Found = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WordlessFormatter(logging.Formatter):
    """Leaves out an exception's own words, which may quote what was sent, pixels included."""

    def formatException(self, ei: _Found) -> str:  # noqa: N802 -- as logging calls it
        """An exception and those behind it, the first one first."""
        told: list[str] = []
        error = ei[1]
        while error is not None:
            places, kind = traceback.format_tb(error.__traceback__), type(error)
            told.insert(0, f"{''.join(places)}{kind.__module__}.{kind.__qualname__}")
            behind = None if error.__suppress_context__ else error.__context__
            error = error.__cause__ or behind
        return "\n\n".join(told)


class ServerLog(Logger):  # type: ignore[misc] # gunicorn publishes no types
    """Gunicorn's log, with failures told so."""

    def setup(self, cfg: Any) -> None:
        """Configure; gunicorn does so again when its settings are read anew."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(WordlessFormatter(self.error_fmt, self.datefmt))


def register_failure_log(app: Flask) -> None:
    """Have ``app`` and the modules of its package log failures so."""
    default_handler.setFormatter(
        WordlessFormatter("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")
    )
    app.logger.setLevel(logging.WARNING)
