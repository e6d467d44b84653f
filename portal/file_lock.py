"""Whether a file is still somebody's: whoever writes one holds its lock until it is done."""

import fcntl
from pathlib import Path


def in_use(path: Path) -> bool:
    """Whether a living process holds the lock of a file; the lock of a killed one is gone."""
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
