"""Folders of picture files: finding them in a fixed order, reading them one by one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.decoded import ImageRefused
from models.imaging import SUFFIXES, decode
from pipelines.datasets.errors import EmptyClass, Problems
from pipelines.datasets.file_names import is_text
from pipelines.datasets.files_below import files_below


def pictures_in(folder: Path) -> Iterator[Path]:
    """The picture files below a folder, at any depth, sorted by path; hidden files are not.

    Linked folders are followed, each folder once.
    """
    for path in sorted(files_below(folder)):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("."):
            yield path


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
    if not is_text(name):
        problems.add(name, "its name is not UTF-8")
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
