"""Turn: one command at a time works in a folder of runs or of prepared images."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from models.file_lock import locked
from pipelines.errors import PipelineRefused
from pipelines.run_folder import make

_PAUSE = 0.1  # seconds between two looks at a folder that another command has


class FolderInUse(PipelineRefused):
    title = "Another command works in this folder"
    action = "Wait until it has ended, or stop it; then run this one again: it goes on from there."


@contextmanager
def turn_in(folder: Path, *, patience: float = 0.0) -> Iterator[None]:
    """Keep other commands out of a folder for as long as the block lasts.

    A file beside the folder is locked, so that the folder itself may be moved and deleted; the
    lock of a killed command is gone.

    Args:
        folder: for this command alone.
        patience: seconds to wait for the end of another command's turn.

    Raises:
        FolderInUse: another command has its turn.
        FolderRefused: the folder above cannot be made.
    """
    make(folder.parent)
    file = folder.with_name(f".{folder.name}.lock")
    end = time.monotonic() + patience
    while (stream := _taken(file)) is None:
        if time.monotonic() >= end:
            raise FolderInUse(
                expected=f"{folder} for this command alone", received="another command in it"
            )
        time.sleep(_PAUSE)
    with stream:
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def _taken(file: Path) -> BinaryIO | None:
    """A file that is now locked; None where another command has its lock."""
    stream = file.open("wb")
    if locked(stream) and _is_at(stream, file):
        return stream
    stream.close()
    return None


def _is_at(stream: BinaryIO, file: Path) -> bool:
    """Whether an open file still lies there: it is deleted at the end of a turn."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), file.stat())
    except FileNotFoundError:
        return False
