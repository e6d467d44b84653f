"""Files that are written whole or not at all, and what tells one from another."""

import hashlib
import os
from pathlib import Path

Stamp = tuple[int, int, int, int]


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there; a reader sees the old one or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    put_in_place(partial, path)


def put_in_place(partial: Path, path: Path) -> None:
    """Move a finished file to its place; after a power cut it is the old one or all of the new."""
    with partial.open("rb+") as written:
        os.fsync(written.fileno())
    partial.replace(path)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def stamp(path: Path) -> Stamp:
    """What is another one when a file is: its times, size and inode.

    Whoever writes a file may set its time of modification back, but not that of its change.

    Raises:
        OSError: it cannot be looked at.
    """
    found = path.stat()
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
