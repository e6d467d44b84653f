"""What a killed process left of uploads, which the next start removes."""

import logging
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from models.file_lock import unused

_PREFIX = "upload-"
_NAME = re.compile(rf"{_PREFIX}[0-9a-f]{{32}}")

_log = logging.getLogger(__name__)


def new_name() -> str:
    """The name of an upload on disk: random, and known again by `sweep`."""
    return f"{_PREFIX}{secrets.token_hex(16)}"


def uploads(folder: Path) -> Iterator[Path]:
    """The uploads that lie in a folder, whoever else uses it."""
    return filter(_is_an_upload, folder.glob(f"{_PREFIX}*"))


def sweep(folders: Iterable[Path], *, delete: Callable[[Path], None] = Path.unlink) -> None:
    """Remove uploads that nobody is reading from folders of this user.

    All folders in which uploads may lie are looked at, not only the one that is used from now on:
    a leftover may itself be what makes the better place too small.
    """
    for folder in filter(_is_ours, folders):
        for path in uploads(folder):
            _remove_unused(path, delete)


def remove(path: Path, *, delete: Callable[[Path], None] = Path.unlink) -> None:
    """Delete an upload; where that fails the log says so, and whoever waits is not held up."""
    try:
        delete(path)
    except FileNotFoundError:
        return
    except OSError:
        _log.exception("an upload could not be deleted: %s", path)


def _is_an_upload(path: Path) -> bool:
    """Whether the portal made a file, and not whoever else uses its folder."""
    return bool(_NAME.fullmatch(path.name)) and path.is_file() and not path.is_symlink()


def _remove_unused(path: Path, delete: Callable[[Path], None]) -> None:
    with unused(path) as free:  # until it is gone: a portal may be about to write into it
        if free:
            remove(path, delete=delete)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
