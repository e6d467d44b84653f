"""Processes that hear a signal, however the tests themselves were started."""

import signal
import subprocess
from collections.abc import Callable


def heard(
    number: signal.Signals, start: Callable[[], subprocess.Popen[str]]
) -> subprocess.Popen[str]:
    """A process that does not ignore a signal: one that is ignored is inherited."""
    before = signal.signal(number, signal.default_int_handler)
    process = start()
    signal.signal(number, before)
    return process
