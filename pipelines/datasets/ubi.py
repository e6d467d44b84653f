"""Ultrasound Breast Images for Breast Cancer: rotated and sharpened copies of about 780 images."""

import re
from collections.abc import Iterator
from pathlib import Path

from pipelines.datasets.class_folders import Entry, read_grouped
from pipelines.datasets.errors import EmptyClass, NoDataFolder, Problems
from pipelines.datasets.pictures import pictures_in
from pipelines.datasets.sample import Dataset, Sample

_CLASSES = ("benign", "malignant")
_COPY = re.compile(r"(?:[-_ ]+(?:rotated|sharpened|flipped)[-_ ]?\d*)+$", re.IGNORECASE)
_LAYOUT = "`benign/` and `malignant/` below it, such as `train/benign/` and `val/benign/`"


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The images below folders named after the classes, by class, then path.

    Copies of one image share a group, across `train` and `val`: by name where the name tells, and
    by view otherwise, turned by quarters or mirrored.

    Raises:
        NoDataFolder: there is no folder of either class.
        EmptyClass: a class has no images.
    """
    found: list[list[Path]] = [[], []]
    for path in pictures_in(folder):
        name = path.parent.name.lower()
        if name in _CLASSES:
            found[_CLASSES.index(name)].append(path)
    if not any(found):
        raise NoDataFolder(
            folder,
            layout=_LAYOUT,
            published='"Ultrasound Breast Images for Breast Cancer"',
            usual=UBI.folder,
        )
    for name, paths in zip(_CLASSES, found, strict=True):
        if not paths:
            raise EmptyClass(folder, label=name)
    entries = [
        Entry(
            path=path,
            name=path.relative_to(folder).as_posix(),
            label=label,
            source=f"{_CLASSES[label]}/{source_of(path.stem)}",
        )
        for label, paths in enumerate(found)
        for path in paths
    ]
    return read_grouped(entries, problems, turned=True)


def source_of(stem: str) -> str:
    """The image that a copy was made from: "benign (12)" of "benign (12)-rotated1-sharpened"."""
    return _COPY.sub("", stem)


UBI = Dataset(
    key="ubi",
    title="Ultrasound Breast Images for Breast Cancer",
    modality="ultrasound",
    citation="Sairam VA. Ultrasound Breast Images for Breast Cancer. Kaggle, 2022.",
    terms="As stated by its publisher; the images derive from BUSI.",
    unit="image",
    group="source image",
    folder="ultrasound breast classification",
    read=read,
    set_aside=("Views that exist with both labels are left out with all their copies.",),
)
