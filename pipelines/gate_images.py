"""What all images look like that a gate is fitted on, tuned with and measured on."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from models.appearance import appearance
from models.catalogue import MODALITIES
from models.imaging import decode
from pipelines import splitting
from pipelines.datasets import Dataset, Problems, Sample
from pipelines.datasets.errors import EmptyClass
from pipelines.errors import PipelineRefused
from pipelines.foreign import HALVES, foreign, turned_gray
from pipelines.progress import progress

ITSELF, MIRRORED, GRAY = "itself", "mirrored", "turned gray"
SENT_OTHERWISE = ("as JPEG of quality 50", "at half its size")
_SHARES = (14, 17, 20)  # of 20 groups that are in no split: training, validation, test


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One image, of which only its appearance is kept."""

    modality: str  # key in the catalogue; "" for an image of none
    kind: str  # "crop", "whole film", "photograph"
    form: str  # how it is shown: ITSELF, MIRRORED, GRAY or one of SENT_OTHERWISE
    part: str  # "train", "validation" or "test"
    primary: bool  # False: one more crop of the same finding
    numbers: Mapping[str, float]
    side: int  # pixels of the shorter side


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """The images of one data set, and the split that they follow."""

    modality: str
    split_sha256: str
    seen: tuple[Seen, ...]


class OtherSplit(PipelineRefused):
    title = "The published split is one of other images"
    action = "Name its data set with `--dataset`, or publish models of this one first."


def collect(
    dataset: Dataset, data: Path, split: Sequence[splitting.Assigned], problems: Problems
) -> Collection:
    """Look at every image of a data set, in the part that a split gives it.

    Images that no model learns from go where their group goes; groups of their own are dealt out
    by their names.

    Raises:
        DatasetRefused: the set is not there, cannot be read or lacks a class.
        OtherSplit: an image of the split is not in the set, or another one there.
    """
    folder = dataset.locate(data)
    rows: list[tuple[str, int, str]] = []
    found: list[tuple[str, Seen]] = []
    samples = dataset.read(folder, problems)
    for sample in progress(samples, f"Looking at {dataset.title}", dataset.unit):
        if sample.primary:
            rows.append((sample.name, sample.label, sample.group))
        found += [(sample.group, seen) for seen in _forms(dataset.modality, dataset.unit, sample)]
    if dataset.further is not None:
        further = dataset.further.read(folder, problems)
        for sample in progress(further, "and what is beside it", dataset.further.name):
            views = _forms(dataset.modality, dataset.further.name, sample)
            found += [(sample.group, seen) for seen in views]
    problems.settle()
    for label, title in enumerate(MODALITIES[dataset.modality].labels):
        if label not in {found for _, found, _ in rows}:
            raise EmptyClass(folder, label=title)
    _require_all(split, rows, dataset)
    part_of = {row.group: row.part for row in split}
    return Collection(
        modality=dataset.modality,
        split_sha256=splitting.sha256(split),
        seen=tuple(
            replace(seen, part=part_of.get(group) or _dealt(group)) for group, seen in found
        ),
    )


def _require_all(
    split: Sequence[splitting.Assigned], rows: Sequence[tuple[str, int, str]], dataset: Dataset
) -> None:
    """Refuse a split of images that the set does not have, or with another label or group."""
    there = set(rows)
    for row in split:
        if (row.image, row.label, row.group) not in there:
            raise OtherSplit(
                expected=f"{row.image} of the published split in {dataset.title}",
                received="none of its label and group",
            )


def others() -> Iterator[Seen]:
    """The images of no modality; those for tuning as of a validation part."""
    for half, part in zip(HALVES, ("validation", "test"), strict=True):
        for image in foreign(half):
            yield replace(_seen("", image.kind, ITSELF, image.pixels), part=part)


def _forms(modality: str, kind: str, sample: Sample) -> Iterator[Seen]:
    """A sample as it is, mirrored as training mirrors it, and as somebody else may send it."""
    pixels = sample.pixels
    augmentation = MODALITIES[modality].augmentation
    shown = [(ITSELF, pixels)]
    if augmentation.horizontal_flip:
        shown.append((MIRRORED, cv2.flip(pixels, 1)))
    if augmentation.vertical_flip:
        shown.append((MIRRORED, cv2.flip(pixels, 0)))
    if sample.primary:
        shown += zip(SENT_OTHERWISE, (_jpeg(pixels), _half(pixels)), strict=True)
        if np.ptp(pixels, axis=2).any():
            shown.append((GRAY, turned_gray(pixels)))
    for form, view in shown:
        yield replace(_seen(modality, kind, form, view), primary=sample.primary)


def _seen(modality: str, kind: str, form: str, pixels: np.ndarray) -> Seen:
    return Seen(
        modality=modality,
        kind=kind,
        form=form,
        part="",
        primary=True,
        numbers=appearance(pixels),
        side=min(pixels.shape[:2]),
    )


def _jpeg(pixels: np.ndarray) -> np.ndarray:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, file = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 50])
    return decode(file.tobytes()).pixels


def _half(pixels: np.ndarray) -> np.ndarray:
    size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _dealt(group: str) -> str:
    """The part of a group that is in no split; always the same one."""
    place = zlib.crc32(group.encode()) % _SHARES[-1]
    return next(part for part, end in zip(splitting.PARTS, _SHARES, strict=True) if place < end)
