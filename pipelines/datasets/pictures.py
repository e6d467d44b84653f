"""Folders of picture files: finding them in a fixed order, reading them one by one."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.imaging import SUFFIXES, ImageRefused, decode
from pipelines.datasets.errors import EmptyClass, Problems


def pictures_in(folder: Path) -> Iterator[Path]:
    """The picture files below a folder, at any depth, sorted by path; hidden files are not.

    Linked folders are followed, each folder once.
    """
    for path in sorted(_files(folder)):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            yield path


def _files(folder: Path) -> Iterator[Path]:
    seen: set[str] = set()
    for at, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        place = os.path.realpath(at)
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        yield from (Path(at) / name for name in files)


def require_pictures(folder: Path, label: str) -> tuple[Path, ...]:
    """The pictures of one class.

    Raises:
        EmptyClass: there are none.
    """
    paths = tuple(pictures_in(folder))
    if not paths:
        raise EmptyClass(folder, label=label)
    return paths


def read_picture(
    path: Path, name: str, problems: Problems, *, tolerate: type[ImageRefused] | None = None
) -> np.ndarray | None:
    """The pixels of a file as (height, width, 3) uint8 RGB; None where ``problems`` says why.

    Args:
        path: the file.
        name: the sample's.
        problems: told of a file that cannot be read.
        tolerate: a refusal for which the file is put aside instead of counted as unreadable.
    """
    if not _writable(name):
        problems.add(ascii(name)[1:-1], "its name is not UTF-8")
        return None
    try:
        return decode(path.read_bytes()).pixels
    except ImageRefused as refusal:
        known = tolerate is not None and isinstance(refusal, tolerate)
        note = problems.put_aside if known else problems.add
        note(name, f"{refusal.title}: {refusal.received}")
    except OSError as error:
        problems.add(name, error.strerror or "cannot be opened")
    return None


def _writable(name: str) -> bool:
    """Whether a name can be written as UTF-8; one from an old archive may not."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
