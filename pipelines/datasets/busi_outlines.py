"""The outlines of BUSI's lesions: one or several mask files for each image, of its size."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from pipelines.datasets.errors import DatasetRefused
from pipelines.datasets.files_below import files_below
from pipelines.datasets.pictures import pictures_in

CLASSES = ("benign", "malignant")
"""The folders of the images that have a lesion."""


class NoOutline(DatasetRefused):
    title = "An image or its outline cannot be read"


def read_outlined(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """An image of BUSI and the union of its outlines.

    Args:
        folder: of the set, in either layout: masks beside the images, or in ``masks/``.
        name: the sample's: a file's name such as "benign (12).png", or a path, "benign/12.png".

    Returns:
        (height, width, 3) uint8 RGB pixels, and (height, width) bool, true in a lesion.

    Raises:
        NoOutline: a file is missing, unreadable, empty or of another size.
    """
    images = folder / "images" if (folder / "images").is_dir() else folder
    masks = folder / "masks" if (folder / "masks").is_dir() else folder
    place = Path(name) if "/" in name else _find(images, name)
    pixels = _read(images / place)
    files = _files(masks / place.parent, place.stem)
    found = [_read(path).max(axis=2) > 127 for path in files]
    if not found:
        raise NoOutline(expected=f"a file {place.stem}_mask", received=f"none in {masks}")
    if any(mask.shape != pixels.shape[:2] for mask in found):
        raise NoOutline(expected=f"outlines of the size of {name}", received="other sizes")
    union = np.logical_or.reduce(found)
    if not union.any():
        raise NoOutline(expected=f"an outlined lesion in {name}", received="an empty mask")
    return pixels, union


def _find(images: Path, name: str) -> Path:
    """Where the one file of a name lies below the class folders."""
    for label in CLASSES:
        for path in files_below(images / label):
            if path.name == name:
                return path.relative_to(images)
    raise NoOutline(
        expected=f"a picture {name} below {images}, in {' or '.join(CLASSES)}", received="none"
    )


def _files(folder: Path, stem: str) -> Iterator[Path]:
    """The mask files of an image: ``stem_mask``, ``stem_mask_1``, ..."""
    for path in pictures_in(folder):
        named = path.stem == f"{stem}_mask" or path.stem.startswith(f"{stem}_mask_")
        if named and path.parent == folder:
            yield path


def _read(path: Path) -> np.ndarray:
    """(height, width, 3) uint8 RGB."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) if path.is_file() else None
    if image is None:
        raise NoOutline(expected=f"a picture {path.name}", received="none that can be read")
    return np.asarray(image)
