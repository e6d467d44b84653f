"""Breast Histopathology Images: 50 x 50 patches with or without invasive ductal carcinoma."""

import re
from collections.abc import Iterator
from pathlib import Path

from models.decoded import ImageTooSmall
from pipelines.datasets.errors import EmptyClass, NoDataFolder, Problems
from pipelines.datasets.pictures import pictures_in, read_picture
from pipelines.datasets.sample import Dataset, Sample

PATCH = 50
_NESTED = "IDC_regular_ps50_idx5"  # the archive holds everything a second time below this name
_NAME = re.compile(r"(?P<patient>.+)_idx\d+_x\d+_y\d+_class(?P<label>[01])")
_LAYOUT = "`<patient>/0/` and `<patient>/1/` with the patches"
_CLASSES = ("without carcinoma (0)", "with carcinoma (1)")


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The patches, by patient, class and name; one patient's names are held at a time.

    Patches cut short by the slide's edge are put aside.

    Raises:
        NoDataFolder: there is no patient's folder.
        EmptyClass: a class has no patches.
    """
    root = folder / _NESTED if (folder / _NESTED).is_dir() else folder
    patients = [path for path in _folders(root) if any((path / name).is_dir() for name in "01")]
    if not patients:
        raise NoDataFolder(
            folder, layout=_LAYOUT, published='"Breast Histopathology Images"', usual=IDC.folder
        )
    for label, name in enumerate(_CLASSES):
        if not any(any(pictures_in(patient / str(label))) for patient in patients):
            raise EmptyClass(folder, label=name)
    return (sample for patient in patients for sample in _patches(patient, problems))


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []


def _patches(patient: Path, problems: Problems) -> Iterator[Sample]:
    for label in (0, 1):
        for path in pictures_in(patient / str(label)):
            disagreement = _disagreement(path, patient.name, label)
            if disagreement is not None:
                problems.add(path.name, disagreement)
                continue
            pixels = read_picture(path, path.name, problems, tolerate=ImageTooSmall)
            if pixels is None:
                continue
            if pixels.shape != (PATCH, PATCH, 3):
                problems.put_aside(path.name, "cut short by the slide's edge")
                continue
            yield Sample(name=path.name, label=label, group=patient.name, pixels=pixels)


def _disagreement(path: Path, patient: str, label: int) -> str | None:
    """What the name and the folder say differently; None where they agree."""
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return "the name is not <patient>_idx<n>_x<n>_y<n>_class<0|1>"
    if match["patient"] != patient:
        return f"the folder says patient {patient}, the name {match['patient']}"
    if match["label"] != str(label):
        return f"the folder says class {label}, the name {match['label']}"
    return None


IDC = Dataset(
    key="idc",
    title="Breast Histopathology Images (IDC)",
    modality="histopathology",
    citation="Cruz-Roa A et al. Automatic detection of invasive ductal carcinoma in whole slide "
    "images with convolutional neural networks. SPIE Medical Imaging 2014, 904103.",
    terms="CC0, as its publisher states.",
    unit="patch",
    group="patient",
    folder="breast-histopathology-images",
    read=read,
    set_aside=(
        "Patches smaller than 50 x 50 pixels, cut short by the slide's edge, are left out.",
    ),
)
