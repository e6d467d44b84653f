"""What a reader yields, and what is known about a data set before it is read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.datasets.described import Described
from pipelines.datasets.errors import Problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One labelled image, crop or tile."""

    name: str  # stable and unique in its set: "benign (12).png", "mdb001@535,599#0"
    label: int  # 0 negative, 1 positive
    group: str  # what must not lie on two sides of a split: patient, slide, near-duplicates
    pixels: np.ndarray  # (height, width, 3) uint8 RGB
    primary: bool = True  # False: one more crop of the same finding, never for tests

    def __post_init__(self) -> None:
        if self.label not in (0, 1):
            raise ValueError(f"expected label 0 or 1, received {self.label}")
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            shape, kind = self.pixels.shape, self.pixels.dtype
            raise ValueError(f"expected (height, width, 3) uint8, received {shape} {kind}")


Reader = Callable[[Path, Problems], Iterator[Sample]]
"""Folder of the set -> its samples, lazily and always in the same order."""


OutlineReader = Callable[[Path, str], tuple[np.ndarray, np.ndarray]]
"""Folder of the set, name of a sample -> its pixels, and (height, width) bool, true in a lesion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Images of a set that no model learns from, but that are of its modality all the same."""

    name: str  # what one is: "whole film"; the set's own unit where it looks like one
    read: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One published data set, and the function that reads it."""

    key: str  # in commands: "busi"
    title: str  # as its authors call it
    modality: str  # key in the catalogue
    citation: str
    terms: str  # what its authors allow
    unit: str  # what one sample is: "image", "crop", "tile"
    group: str  # what a group is: "patient"
    folder: str  # its usual name below the data folder
    read: Reader
    further: Further | None = None  # for the input gate
    set_aside: tuple[str, ...] = ()  # what the reader leaves out, and why; one sentence each
    read_outlined: OutlineReader | None = None  # where experts outlined the lesions
    described: Described | None = None  # what is known beside the labels

    def locate(self, data: Path) -> Path:
        """The set's own folder: ``data/<folder>`` where there is one, else ``data`` itself."""
        inside = data / self.folder
        return inside if inside.is_dir() else data
