"""What a killed process left of uploads, which the next start removes."""

import logging
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from portal.file_lock import in_use

PREFIX = "upload-"
"""How the name of every upload on disk begins."""

_log = logging.getLogger(__name__)


def sweep(folders: Iterable[Path], *, delete: Callable[[Path], None] = Path.unlink) -> None:
    """Remove uploads that nobody is reading from folders of this user.

    All folders in which uploads may lie are looked at, not only the one that is used from now on:
    a leftover may itself be what makes the better place too small.
    """
    for folder in filter(_is_ours, folders):
        for path in folder.glob(f"{PREFIX}*"):
            if not in_use(path):
                remove(path, delete=delete)


def remove(path: Path, *, delete: Callable[[Path], None] = Path.unlink) -> None:
    """Delete an upload; where that fails the log says so, and whoever waits is not held up."""
    try:
        delete(path)
    except FileNotFoundError:
        return
    except OSError:
        _log.exception("an upload could not be deleted: %s", path)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
