"""Extraction: a published data set becomes prepared images in class folders, once."""

import contextlib
import csv
import hashlib
import inspect
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from models import preprocessing
from models.catalogue import MODALITIES
from pipelines.datasets import Dataset, EmptyClass, Problems, RepeatedName, Sample
from pipelines.errors import NotPrepared, PreparedOtherwise
from pipelines.image_store import DamagedPreparation, prepare_command
from pipelines.progress import progress
from pipelines.run_folder import make
from pipelines.turn import turn_in

_INDEX, _NOTES = "index.csv", "notes.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """One prepared image and where it came from."""

    path: Path
    name: str
    label: int
    group: str
    primary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """A prepared data set on disk."""

    folder: Path
    images: tuple[Extracted, ...]
    set_aside: Mapping[str, str]  # readable images that are left out -> why
    unreadable: Mapping[str, str]  # images that were skipped -> why


def prepared_folder(dataset: Dataset, work: Path) -> Path:
    """Where the images of a data set lie below the work folder."""
    return work / "prepared" / dataset.key


def is_prepared(folder: Path) -> bool:
    """Whether a preparation has come to its end in a folder."""
    return (folder / _NOTES).is_file()


def extract(dataset: Dataset, source: Path, folder: Path, *, skip_unreadable: bool) -> Extraction:
    """Prepare every sample once, as ``img_%06d.png`` in the class folders ``0/`` and ``1/``.

    A folder that is already prepared is left alone. Nothing half-done is left behind, nor an empty
    folder that was made for it.

    Raises:
        DatasetRefused: the set is not there, or a class is empty, or images cannot be read.
        PreparedOtherwise: the folder is prepared, but not by the present image step.
        DamagedPreparation: it is prepared, but what it says of its images cannot be read; or
            something else lies there.
        FolderInUse: another command prepares it.
        FolderRefused: the folder cannot be made.
    """
    if not is_prepared(folder):
        made = [above for above in folder.parents if not above.exists()]
        try:
            with turn_in(folder):
                _extract(dataset, source, folder, Problems(skip=skip_unreadable))
        finally:
            for above in made:
                with contextlib.suppress(OSError):  # something lies in it, as it should
                    above.rmdir()
    return read_extraction(folder)


def _extract(dataset: Dataset, source: Path, folder: Path, problems: Problems) -> None:
    if is_prepared(folder):  # another command had its turn meanwhile
        return
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise DamagedPreparation(folder / _NOTES, folder)
    partial = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    for label in ("0", "1"):
        make(partial / label)
    try:
        _extract_into(partial, dataset, source, problems)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _extract_into(folder: Path, dataset: Dataset, source: Path, problems: Problems) -> None:
    prepare = MODALITIES[dataset.modality].prepare
    found = [0, 0]
    with (folder / _INDEX).open("w", encoding="utf-8", newline="") as stream:
        index = csv.writer(stream, lineterminator="\n")
        index.writerow(("file", "name", "label", "group", "primary"))
        samples = dataset.read(dataset.locate(source), problems)
        told = progress(samples, f"Preparing {dataset.title}", dataset.unit)
        names: set[str] = set()
        for number, sample in enumerate(told):
            if sample.name in names:
                raise RepeatedName(sample.name)
            names.add(sample.name)
            file = f"{sample.label}/img_{number:06d}.png"
            _write_image(folder / file, prepare(sample.pixels))
            index.writerow((file, *_row(sample)))
            found[sample.label] += 1
    problems.settle()
    for label, count in enumerate(found):
        if count == 0:
            raise EmptyClass(source, label=MODALITIES[dataset.modality].labels[label])
    notes = {
        "dataset": dataset.key,
        "step": _step(),
        "images": sum(found),
        "set_aside": dict(problems.set_aside),
        "unreadable": dict(problems.unreadable),
    }
    (folder / _NOTES).write_text(json.dumps(notes, indent=1, ensure_ascii=False), "utf-8")


def _step() -> str:
    """SHA-256 of the code that prepares images, for training as for serving."""
    return hashlib.sha256(inspect.getsource(preprocessing).encode()).hexdigest()


def _row(sample: Sample) -> tuple[str, int, str, int]:
    return sample.name, sample.label, sample.group, int(sample.primary)


def _write_image(path: Path, prepared: np.ndarray) -> None:
    """Write (224, 224, 3) float32 RGB as an 8-bit PNG."""
    pixels = np.rint(prepared).astype(np.uint8)
    done, png = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    if not done:
        raise OSError(f"expected OpenCV to encode {path.name} as PNG")
    path.write_bytes(png.tobytes())


def read_extraction(folder: Path) -> Extraction:
    """The prepared data set of a folder.

    Raises:
        NotPrepared: there is none.
        PreparedOtherwise: models would learn from images that serving prepares in another way.
        DamagedPreparation: what the folder says of its images cannot be read.
    """
    if not is_prepared(folder):
        raise NotPrepared(
            expected=f"prepared images in {folder}",
            received="none",
            action=f"Run `{prepare_command(folder)}` first.",
        )
    notes = _read_notes(folder)
    if notes.get("step") != _step():
        raise PreparedOtherwise(
            expected=f"images in {folder} as models/preprocessing.py prepares them",
            received="those of another version of it",
            action=f"Delete {folder} and what was trained on it, then run "
            f"`{prepare_command(folder)}`.",
        )
    images = _read_index(folder)
    if notes.get("images", len(images)) != len(images):  # older notes do not say how many
        raise DamagedPreparation(folder / _INDEX, folder)
    return Extraction(
        folder=folder,
        images=images,
        set_aside=notes["set_aside"],
        unreadable=notes["unreadable"],
    )


def _read_notes(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / _NOTES).read_text("utf-8")))
    except (TypeError, ValueError) as error:
        raise DamagedPreparation(folder / _NOTES, folder) from error


def _read_index(folder: Path) -> tuple[Extracted, ...]:
    try:
        with (folder / _INDEX).open(encoding="utf-8", newline="") as stream:
            return tuple(
                Extracted(
                    path=folder / row["file"],
                    name=row["name"],
                    label=int(row["label"]),
                    group=row["group"],
                    primary=row["primary"] == "1",
                )
                for row in csv.DictReader(stream)
            )
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise DamagedPreparation(folder / _INDEX, folder) from error
