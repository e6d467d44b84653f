"""Whether a file is still somebody's: whoever writes one holds its lock until it is done."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def unused(path: Path) -> Iterator[bool]:
    """Whether no living process holds the lock of a file, and none will until the block ends.

    The lock of a killed process is gone. Nobody holds that of a file which cannot be opened.
    """
    try:
        stream = path.open("rb")
    except OSError:
        yield True
        return
    with stream:
        yield locked(stream)


def in_use(path: Path) -> bool:
    """Whether a living process holds the lock of a file just now."""
    with unused(path) as free:
        return not free


def locked(stream: BinaryIO) -> bool:
    """Take the lock of a file until it is closed; false where another process has it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks on this file system
        return True
    return True
