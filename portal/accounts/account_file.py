"""The file of accounts: a line for each, ``name:hash``."""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portal.errors import SettingRefused

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_HASH = re.compile(r"scrypt:\d+:\d+:\d+\$[A-Za-z0-9]+\$[0-9a-f]{128}")
_MADE_BY = "Make it with `python -m portal account add NAME --file FILE`."

Hashes = dict[str, str]
"""Name -> hash of the password, as Werkzeug writes it."""


def is_name(text: str) -> bool:
    """Whether an account may have this name: 1 to 64 letters, digits, dots, @, - and _."""
    return _NAME.fullmatch(text) is not None


def read(path: Path) -> Hashes:
    """The accounts of a file.

    Raises:
        SettingRefused: it cannot be read, it is no file, others may write it, or a line is no
            account.
    """
    try:
        with open(path, encoding="ascii", opener=_at_once) as stream:
            _require_trusted(path, os.fstat(stream.fileno()))
            lines = stream.read().splitlines()
    except PermissionError as error:
        action = f"{_made_own(path)} Let that user into the folder, too."
        raise _refusal(path, "one that the portal may not read", action) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "content that is no text"
        raise _refusal(path, reason.lower()) from error
    accounts: Hashes = {}
    for number, line in enumerate(lines, start=1):
        name, _, hashed = line.partition(":")
        if not is_name(name) or not _HASH.fullmatch(hashed) or name in accounts:
            raise _refusal(path, f"a line {number} that is none, or a name for the second time")
        accounts[name] = hashed
    return accounts


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe would wait for somebody to write


def _require_trusted(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _refusal(path, "something that is no file")
    user = os.geteuid()
    if user and found.st_uid not in {0, user}:  # root changes the file of the portal's user
        raise _refusal(path, "one of another user", _made_own(path))
    if found.st_mode & 0o022:
        raise _refusal(path, "one that others may write", f"Run `chmod 600 {path}`.")


def _made_own(path: Path) -> str:
    return f"Run `chown {os.geteuid()} {path}` as root, or run this as its owner."


@contextmanager
def changing(path: Path) -> Iterator[Hashes]:
    """The accounts, to be changed in the block and then written; meanwhile nobody else does so.

    Where there is no file yet, there are none. Nothing is written if the block ends in an error.

    Raises:
        SettingRefused: the file cannot be read or written.
    """
    with _alone(path):
        accounts = read(path) if path.exists() else {}
        yield accounts
        write(path, accounts)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of the folder: the file itself is another after every change."""
    try:
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _refusal(path, (error.strerror or "an error").lower(), "Choose another.") from error
    try:
        with suppress(OSError):  # no locks on this file system
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write(path: Path, accounts: Hashes) -> None:
    """Put the accounts in the file's place, whole or not at all.

    Its owner may read it, and its group where the file before it says so; nobody else.

    Raises:
        SettingRefused: it cannot be written.
    """
    text = "".join(f"{name}:{hashed}\n" for name, hashed in sorted(accounts.items()))
    try:
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                _keep_owner(path, handle)
                stream.write(text)
                stream.flush()
                os.fsync(handle)
            Path(partial).replace(path)
        except BaseException:
            Path(partial).unlink()
            raise
    except OSError as error:
        raise _refusal(path, (error.strerror or "an error").lower(), "Choose another.") from error


def _keep_owner(path: Path, handle: int) -> None:
    """Leave the file to those whose it was: a root who adds an account is not the portal."""
    with suppress(FileNotFoundError, PermissionError):
        found = path.stat()
        os.fchown(handle, found.st_uid, found.st_gid)
        os.fchmod(handle, 0o600 | found.st_mode & stat.S_IRGRP)  # once the group is the same


def _refusal(path: Path, received: str, action: str = _MADE_BY) -> SettingRefused:
    return SettingRefused(
        expected=f"a file of accounts at {path}, a line `name:hash` for each",
        received=received,
        action=action,
    )
