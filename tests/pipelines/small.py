"""What the tests of training share: small configurations, small data sets."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from models.catalogue import ModelKey
from pipelines.config import Config
from pipelines.datasets import Dataset, Problems, Sample

MODALITY = "ultrasound"
DATASET = f"phantom-{MODALITY}"
BACKBONE = "vgg"  # the quickest to build and to trace
SMALL = {"init": "random", "pixels": 56, "batch_size": 4, "steps_per_epoch": 1, "limit": 14}


def config(**fields: Any) -> Config:
    """A configuration for 56 pixels and one step per epoch, on phantoms."""
    known = {"modality": MODALITY, "backbone": BACKBONE, "strategy": "initial", "dataset": DATASET}
    return Config(**{**known, **SMALL, **fields})


def config_of(key: ModelKey, **fields: Any) -> Config:
    """The same for one model of the catalogue."""
    named = {
        "modality": key.modality.key,
        "backbone": key.backbone.key,
        "strategy": key.strategy.key,
        "dataset": f"phantom-{key.modality.key}",
    }
    return config(**{**named, **fields})


def command_line(chosen: Config, *more: str) -> list[str]:
    """The words that train this configuration; ``more`` names fields that are not as usual."""
    names = [name for name in SMALL if name != "init"] + list(more)
    words = [word for name in names for word in ("--set", f"{name}={getattr(chosen, name)}")]
    return ["train", chosen.key.slug, "--dataset", chosen.dataset, "--init", chosen.init, *words]


def sample(number: int, *, label: int, group: str | None = None, primary: bool = True) -> Sample:
    """A small coloured picture; each number is another one."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    name = f"picture {number}, {'first' if primary else 'further'}.png"
    return Sample(
        name=name, label=label, group=group or f"g{number}", pixels=pixels, primary=primary
    )


def dataset(
    samples: Iterable[Sample],
    *,
    key: str = "mias",
    modality: str = "mammography",
    unreadable: Iterable[str] = (),
    set_aside: Iterable[str] = (),
) -> Dataset:
    """A data set that yields these samples and meets these problems."""

    def read(_: Path, problems: Problems) -> Iterator[Sample]:
        yield from samples
        for name in unreadable:
            problems.add(name, "half of it is missing")
        for name in set_aside:
            problems.put_aside(name, "carries both labels")

    return Dataset(
        key=key,
        title="Pictures",
        modality=modality,
        citation="Nobody, nowhere",
        terms="free",
        unit="picture",
        group="album",
        folder="pictures",
        read=read,
    )
