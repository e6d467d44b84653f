"""A folder that nobody else may use."""

import logging
import os
import stat
from pathlib import Path

from portal.errors import SettingRefused

_log = logging.getLogger(__name__)
_ACTION = "Set UPLOAD_DIR to a folder of your own that others may not look into."


def claim(folder: Path) -> Path:
    """The folder, made with mode 0700 if it is not there.

    Raises:
        SettingRefused: it cannot be made, is no folder, belongs to somebody else, or may not be
            read and written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise _refusal(folder, error.strerror or "an error") from error
    if not stat.S_ISDIR(found.st_mode):
        raise _refusal(folder, "a link or a file")
    if found.st_uid != os.getuid():
        raise _refusal(folder, "a folder of another user")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _refusal(folder, "a folder that may not be read or written")
    return folder


def warn_if_open(folder: Path) -> None:
    """Say in the log where others may look into a folder."""
    if folder.stat().st_mode & 0o077:
        _log.warning("uploads lie in a folder that others may look into: %s", folder)


def _refusal(folder: Path, received: str) -> SettingRefused:
    return SettingRefused(
        expected=f"a private folder for uploads at {folder}", received=received, action=_ACTION
    )
