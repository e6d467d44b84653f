"""FileManager: an upload on disk for as long as it is read, and not a moment longer."""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.utils import secure_filename

from models.imaging import HEAD, SUFFIXES, needs_suffix
from portal import leftovers
from portal.errors import (
    NoImageChosen,
    NoImageSent,
    NoRoomForUpload,
    SettingRefused,
    TooManyImages,
    WrongSuffix,
)
from portal.free_room import free_room
from portal.private_folder import claim, warn_if_open

FIELD = "image"
"""Name of the form's file field."""

_NEW = os.O_CREAT | os.O_EXCL | os.O_RDWR
_log = logging.getLogger(__name__)

Files = MultiDict[str, FileStorage]


class FileManager:
    """Takes one upload into a private folder and always removes it again.

    Files have random names and are readable by their owner only. Each is locked while it is in
    use, so that a start can tell what a killed process left from what a living one reads.

    Args:
        folder: the private folder, which is made if it is not there.
        largest: bytes that an upload may have.
        delete: what removes one.

    Raises:
        SettingRefused: the folder cannot be used.
    """

    def __init__(
        self, folder: Path, *, largest: int = 0, delete: Callable[[Path], None] = Path.unlink
    ) -> None:
        self.folder = claim(folder)
        warn_if_open(folder)
        self._largest = largest
        self._delete = delete

    def require(self) -> None:
        """Have the folder there, again if it has vanished.

        Raises:
            SettingRefused: it cannot be used.
        """
        claim(self.folder)

    def has_room(self) -> bool:
        """Whether the folder has room for the largest upload, now or as soon as others are read."""
        try:
            free = free_room(self.folder)
            return free >= self._largest or free + self._in_hand() >= self._largest
        except OSError:
            return False

    def _in_hand(self) -> int:
        """Bytes of the uploads that are being read, whose room the next ones get."""
        taken = 0
        for path in leftovers.uploads(self.folder):
            with suppress(OSError):  # it may be read by now
                taken += path.stat().st_size
        return taken

    @contextmanager
    def received(self, files: Files) -> Iterator[Path]:
        """The one image of a form, on disk until the block ends.

        Raises:
            NoImageSent: the form has no file under the expected name.
            NoImageChosen: the file has no name.
            TooManyImages: there are two files or more.
            WrongSuffix: the name ends in none of the accepted suffixes, and the content is of no
                format whose files often have none.
            NoRoomForUpload: the file cannot be written.
        """
        upload = only_image(files)
        path = self.folder / leftovers.new_name()
        try:
            with self._locked(path) as stream:
                self._write(upload, stream)
                yield path
        finally:
            leftovers.remove(path, delete=self._delete)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[BinaryIO]:
        try:
            self.require()  # somebody may have tidied it away, or put another in its place
            stream = _opened(path)
        except (OSError, SettingRefused) as error:
            raise _no_room(error) from error
        with stream:
            yield stream

    def _write(self, upload: FileStorage, stream: BinaryIO) -> None:
        try:
            upload.save(stream)
            stream.flush()
        except OSError as error:
            raise _no_room(error) from error


def _opened(path: Path) -> BinaryIO:
    """A new file that is locked where files can be, and still there after that.

    A sweep may come between the two.
    """
    while True:
        stream = os.fdopen(os.open(path, _NEW, 0o600), "wb")
        with suppress(OSError):  # no locks on this file system
            fcntl.flock(stream, fcntl.LOCK_EX)
        if os.fstat(stream.fileno()).st_nlink:
            return stream
        stream.close()


def only_image(files: Files) -> FileStorage:
    """The one image of a form, by the rules of `FileManager.received`."""
    sent = [(field, file) for field, file in files.items(multi=True) if file.filename]
    if len(sent) > 1:
        raise TooManyImages(expected="one image", received=f"{len(sent)} files")
    if FIELD not in files:
        raise NoImageSent(expected=f"a file in the field '{FIELD}'", received=_other_field(sent))
    named = [file for field, file in sent if field == FIELD]
    if not named:
        raise NoImageChosen(expected="an image file with a name", received="no name")
    image = named[0]
    if _suffix(image.filename or "") not in SUFFIXES and needs_suffix(_head(image)):
        raise WrongSuffix(
            expected=f"a name that ends in {', '.join(SUFFIXES)}",
            received=_ending(image.filename or ""),
        )
    return image


def display_name(name: str) -> str:
    """A client's name that is safe to show: ASCII, no folders, at most 60 characters."""
    safe = secure_filename(name)
    return safe if len(safe) <= 60 else f"...{safe[-57:]}"


def _head(upload: FileStorage) -> bytes:
    """The first bytes of an upload, which stays at its beginning."""
    head = upload.stream.read(HEAD)
    upload.stream.seek(0)
    return bytes(head)


def _suffix(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return f".{last.rpartition('.')[2].lower()}" if "." in last else ""


def _ending(name: str) -> str:
    suffix = _suffix(name)
    if suffix in ("", "."):
        return "a name without an ending"
    shown = display_name(suffix)
    return f"a name that ends in .{shown}" if shown else "a name that ends otherwise"


def _other_field(sent: list[tuple[str, FileStorage]]) -> str:
    return f"a file in the field '{display_name(sent[0][0])}'" if sent else "a form without a file"


def _no_room(error: OSError | SettingRefused) -> NoRoomForUpload:
    _log.error("an upload could not be written: %s", error)
    return NoRoomForUpload(
        expected="room for one more image", received="no room, or no permission to write"
    )
