"""UCSB Bio-Segmentation: tiles of H&E-stained breast biopsies, benign against malignant."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from models.foreground import tissue_mask
from pipelines.datasets.errors import EmptyClass, NoDataFolder, Problems
from pipelines.datasets.pictures import pictures_in, read_picture
from pipelines.datasets.sample import Dataset, Further, Sample
from pipelines.datasets.ucsb_described import DESCRIBED, group_of

TILE = 224
STRIDE = 112
MIN_TISSUE = 0.3
_NO_TILE = f"no tile of {TILE} x {TILE} pixels has more than 30 % tissue"
_CLASSES = ("benign", "malignant")
_LAYOUT = "images named like `ytma49_042003_benign1_ccd.tif`"


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The tiles with more than 30 % tissue, by image name, then row by row.

    A tile has its image's label; its group is the first two fields of the image's name. An image
    without such a tile is set aside.

    Raises:
        NoDataFolder: there is no image with such a name.
        EmptyClass: every image has the same label.
    """
    for image in read_whole(folder, problems):
        corners = _corners_of_tiles(tissue_mask(image.pixels))
        if not corners:
            problems.put_aside(image.name, _NO_TILE)
        for y, x in corners:
            yield Sample(
                name=f"{image.name}@{x},{y}",
                label=image.label,
                group=image.group,
                pixels=image.pixels[y : y + TILE, x : x + TILE].copy(),
            )


def read_whole(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The whole images, by name; errors as of ``read``."""
    for path, label in _paths(folder):
        pixels = read_picture(path, path.name, problems)
        if pixels is not None:
            yield Sample(name=path.stem, label=label, group=group_of(path.stem), pixels=pixels)


def _corners_of_tiles(tissue: np.ndarray) -> list[tuple[int, int]]:
    """Where tiles begin that hold enough of a mask of tissue, row by row."""
    height, width = tissue.shape
    return [
        (y, x)
        for y in range(0, height - TILE + 1, STRIDE)
        for x in range(0, width - TILE + 1, STRIDE)
        if tissue[y : y + TILE, x : x + TILE].mean() > MIN_TISSUE
    ]


def _label(path: Path) -> int | None:
    """The label that an image's name tells; the masks of nuclei lack its fourth field."""
    fields = path.stem.split("_")
    for label, name in enumerate(_CLASSES):
        if len(fields) > 3 and fields[2].startswith(name):
            return label
    return None


def _paths(folder: Path) -> list[tuple[Path, int]]:
    found = sorted(pictures_in(folder), key=lambda path: path.name)
    paths = [(path, label) for path in found if (label := _label(path)) is not None]
    if not paths:
        raise NoDataFolder(
            folder,
            layout=_LAYOUT,
            published="UCSB Bio-Segmentation Benchmark, breast cancer cells",
            usual=UCSB.folder,
        )
    for label, name in enumerate(_CLASSES):
        if label not in {label for _, label in paths}:
            raise EmptyClass(folder, label=name)
    return paths


UCSB = Dataset(
    key="ucsb",
    title="UCSB Bio-Segmentation, breast",
    modality="histopathology",
    citation="Gelasca ED, Byun J, Obara B, Manjunath BS. Evaluation and benchmark for biological "
    "image segmentation. IEEE ICIP 2008.",
    terms="Free for research, as its authors say; the copies carry no licence text.",
    unit="tile",
    group="tissue microarray and date",
    folder="histo_ucsb",
    read=read,
    further=Further(name="whole image", read=read_whole),
    described=DESCRIBED,
    set_aside=("Tiles with 30 % tissue or less are left out.",),
)
