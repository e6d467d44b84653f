"""All files below a folder, also through links."""

import os
from collections.abc import Iterator
from pathlib import Path


def files_below(folder: Path) -> Iterator[Path]:
    """The files at any depth, hidden ones too, in no order that holds on every disk.

    Linked folders are followed, each folder once, so that a link upwards ends.
    """
    seen: set[str] = set()
    for at, folders, files in os.walk(folder, followlinks=True):
        folders.sort()
        place = os.path.realpath(at)
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        yield from (Path(at) / name for name in files)
