"""What is written of a failure."""

import io
import logging

from gunicorn.config import Config

from portal.failure_log import ServerLog, WordlessFormatter

PIXELS = "=:6358857>GKLN"


def fail() -> None:
    try:
        raise ValueError(PIXELS)
    except ValueError as error:
        raise RuntimeError(PIXELS) from error


def written(log: logging.Logger) -> str:
    """What a log writes of a failure."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WordlessFormatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    try:
        fail()
    except RuntimeError:
        log.exception("incident %s", "ab12")
    log.removeHandler(handler)
    return stream.getvalue()


def test_kinds_and_places_are_told_and_words_are_not() -> None:
    text = written(logging.getLogger("tests.failures"))
    assert text.startswith("ERROR incident ab12\n")
    assert text.index("builtins.ValueError") < text.index("builtins.RuntimeError")
    assert f'File "{__file__}", line' in text
    assert "in fail" in text
    assert PIXELS not in text


def test_what_led_to_a_failure_is_told_only_where_it_is_not_hidden() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WordlessFormatter())
    try:
        try:
            raise ValueError(PIXELS)
        except ValueError:
            raise RuntimeError(PIXELS) from None
    except RuntimeError as error:
        record = logging.LogRecord("tests", logging.ERROR, "", 1, "", None, None)
        record.exc_info = (RuntimeError, error, error.__traceback__)
        handler.emit(record)
    assert "RuntimeError" in stream.getvalue()
    assert "ValueError" not in stream.getvalue()


def test_the_servers_own_log_is_wordless_too() -> None:
    log = ServerLog(Config())
    assert log.error_log.handlers
    assert all(isinstance(one.formatter, WordlessFormatter) for one in log.error_log.handlers)
