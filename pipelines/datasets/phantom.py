"""Phantoms as data sets, one per modality of the catalogue: the whole road without a download."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from models.catalogue import MODALITIES
from pipelines.datasets.errors import Problems
from pipelines.datasets.sample import Dataset, Sample
from pipelines.phantoms import phantom

COUNT = 60
PER_GROUP = 2


def phantom_samples(modality_key: str, count: int = COUNT, seed: int = 0) -> Iterator[Sample]:
    """Labelled phantoms, two to a group; groups are negative and positive in turn.

    Args:
        modality_key: of the catalogue.
        count: of samples, at least 1.
        seed: of the first one; the others follow.
    """
    for index in range(count):
        group = index // PER_GROUP
        label = group % 2
        yield Sample(
            name=f"phantom{index:04d}.png",
            label=label,
            group=f"patient{group:04d}",
            pixels=phantom(modality_key, label, seed + index),
        )


def read(modality_key: str, folder: Path, problems: Problems) -> Iterator[Sample]:
    """The 60 phantoms of a modality; no folder is needed, and none is looked at."""
    del folder, problems
    return phantom_samples(modality_key)


PHANTOMS = tuple(
    Dataset(
        key=f"phantom-{key}",
        title=f"Phantoms, {modality.title.lower()}",
        modality=key,
        citation="Synthetic; drawn by pipelines.phantoms.",
        terms="Those of this project.",
        unit="image",
        group="imagined patient",
        folder="",
        read=partial(read, key),
    )
    for key, modality in MODALITIES.items()
)
