"""An end by SIGTERM that still stops the servers."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def orderly_end() -> Iterator[None]:
    """While the block runs, SIGTERM raises ``SystemExit`` once, so that ``finally`` is heeded."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, frame: object) -> None:
    del frame
    signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the stopping
    sys.exit(128 + number)
