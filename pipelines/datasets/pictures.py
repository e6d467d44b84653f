"""Folders of picture files: finding them in a fixed order, reading them one by one."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pipelines.datasets.errors import EmptyClass, Problems

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def pictures_in(folder: Path) -> Iterator[Path]:
    """The picture files below a folder, at any depth, sorted by path; hidden files are not."""
    for path in sorted(folder.rglob("*")):
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


def read_picture(path: Path, name: str, problems: Problems) -> np.ndarray | None:
    """The pixels of a file, (height, width, 3) uint8 RGB, or None with the reason in ``problems``."""
    data = np.frombuffer(path.read_bytes(), np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None
    if pixels is None:
        problems.add(name, "not an image")
    return pixels
