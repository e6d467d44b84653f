"""NetworkCache: compiled networks on disk, so that a start need not compile them again.

The folder may be deleted at any time. It is trusted no further than the checkpoints: a network
is only read from a folder and a file that nobody else may write, and only if its digest is right.
"""

import fcntl
import hashlib
import logging
import mmap
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from models.file_lock import in_use

_DIGEST = hashlib.sha256().digest_size
_PART = "part-"
_SUFFIX = ".network"
_UNUSED = 30 * 24 * 3600  # seconds after which a network that nobody opened is swept
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class Blob:
    """A compiled network as a mapped file, its digest left out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream  # open until the pages are given back
        self.pages = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)

    @property
    def size(self) -> int:
        """Bytes of the network; the digest stands behind them."""
        return len(self.pages) - _DIGEST

    def is_whole(self) -> bool:
        """Whether the digest is that of the network."""
        with memoryview(self.pages) as content:
            found = hashlib.sha256(content[: self.size]).digest()
            return found == bytes(content[self.size :])

    def give_back(self) -> None:
        """Have the pages out of memory; one that is read again comes back alone.

        Without the advice the kernel maps a page's whole surroundings with it.
        """
        self.pages.madvise(mmap.MADV_RANDOM)
        self.pages.madvise(mmap.MADV_DONTNEED)
        if hasattr(os, "posix_fadvise"):  # macOS has none
            os.posix_fadvise(self._stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        self._stream.close()


class NetworkCache:
    """Compiled networks by name. Where its folder cannot be used it says so once and holds none.

    A network is written beside its place under a lock and moved there, so that a reader sees a
    whole one or none; what a killed process left is swept at the next start.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._complained = False
        self.usable = self._claim()  # whether anything is kept here
        if self.usable:
            self._sweep()

    def read(self, name: str) -> Blob | None:
        """The network of a name; None where there is none that is whole and ours."""
        path = self._path(name)
        try:
            blob = _opened(path) if self.usable and _is_our_folder(self.folder.lstat()) else None
        except OSError:
            return None
        if blob is None:
            return None
        if not blob.is_whole():
            blob.give_back()
            return None
        with suppress(OSError):
            os.utime(path)  # still in use: not to be swept
        return blob

    def write(self, name: str, content: memoryview) -> Blob | None:
        """Keep a network, and read it back; None where it cannot be kept."""
        if not self.usable:
            return None
        try:
            kept = _twice(partial(self._put, name, content))
        except OSError as error:
            self._complain(error.strerror or "an error")
            return None
        return self.read(name) if kept else None

    def _put(self, name: str, content: memoryview) -> bool:
        """Write a network; False where the folder, which may be gone since, cannot be used."""
        if not self._claim():
            return False
        with self._part() as (path, part):
            part.write(content)
            part.write(hashlib.sha256(content).digest())
            part.flush()
            os.fsync(part.fileno())  # pages not yet on disk could not be given back
            path.replace(self._path(name))
        return True

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_SUFFIX}"

    @contextmanager
    def _part(self) -> Iterator[tuple[Path, BinaryIO]]:
        path = self.folder / f"{_PART}{secrets.token_hex(16)}"
        with open(path, "xb", opener=_for_owner_only) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            try:
                yield path, stream
            finally:
                path.unlink(missing_ok=True)

    def _claim(self) -> bool:
        try:
            found = _twice(self._made)
        except OSError as error:
            self._complain(error.strerror or "an error")
            return False
        if not _is_our_folder(found):
            self._complain("not a folder that only this user may write")
            return False
        return True

    def _made(self) -> os.stat_result:
        """What is at the folder's place, which is made if it is not there."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder.lstat()

    def _sweep(self) -> None:
        for path in self._files():
            with suppress(OSError):
                if path.name.startswith(_PART):
                    left = not in_use(path)
                else:
                    left = path.suffix == _SUFFIX and time.time() - path.stat().st_mtime > _UNUSED
                if left:
                    path.unlink()

    def _files(self) -> list[Path]:
        try:
            return list(self.folder.iterdir())
        except OSError:  # it may be gone again; one that cannot be listed can be used all the same
            return []

    def _complain(self, reason: str) -> None:
        if not self._complained:
            self._complained = True
            _log.warning("compiled models are not kept at %s: %s", self.folder, reason)


def _twice(attempt: Callable[[], _T]) -> _T:
    """What an attempt comes to, and once more where the folder was deleted in its midst."""
    try:
        return attempt()
    except (FileNotFoundError, FileExistsError):  # mkdir says the latter of one that is just gone
        return attempt()


def _opened(path: Path) -> Blob | None:
    stream = open(path, "rb", opener=_not_through_a_link)  # noqa: SIM115 -- the blob's
    found = os.fstat(stream.fileno())
    if stat.S_ISREG(found.st_mode) and _only_ours(found) and found.st_size > _DIGEST:
        return Blob(stream)
    stream.close()
    return None


def _is_our_folder(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) and _only_ours(found)


def _only_ours(found: os.stat_result) -> bool:
    return found.st_uid == os.getuid() and not found.st_mode & _OTHERS_MAY_WRITE


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _not_through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)
