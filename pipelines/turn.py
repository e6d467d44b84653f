"""Turn: one command at a time works in a folder of runs or of prepared images."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from models.file_lock import locked
from pipelines.errors import PipelineRefused
from pipelines.run_folder import make


class FolderInUse(PipelineRefused):
    title = "Another command works in this folder"
    action = "Wait until it has ended, or stop it; then run this one again: it goes on from there."


@contextmanager
def turn_in(folder: Path) -> Iterator[None]:
    """Keep other commands out of a folder for as long as the block lasts.

    A file beside the folder is locked, so that the folder itself may be moved and deleted; the
    lock of a killed command is gone.

    Raises:
        FolderInUse: another command has its turn.
        FolderRefused: the folder above cannot be made.
    """
    make(folder.parent)
    file = folder.with_name(f".{folder.name}.lock")
    with file.open("wb") as stream:
        if not locked(stream) or not _is_at(stream, file):
            raise FolderInUse(
                expected=f"{folder} for this command alone", received="another command in it"
            )
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def _is_at(stream: BinaryIO, file: Path) -> bool:
    """Whether an open file still lies there: it is deleted at the end of a turn."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), file.stat())
    except FileNotFoundError:
        return False
