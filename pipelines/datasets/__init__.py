"""One reader per published data set: each yields samples, nothing more."""

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.datasets.busi import BUSI
from pipelines.datasets.ddsm import DDSM
from pipelines.datasets.errors import (
    DatasetRefused,
    EmptyClass,
    NoDataFolder,
    Problems,
    RepeatedName,
    UnreadableImages,
)
from pipelines.datasets.idc import IDC
from pipelines.datasets.mias import MIAS
from pipelines.datasets.phantom import PHANTOMS
from pipelines.datasets.sample import Dataset, Sample
from pipelines.datasets.ubi import UBI
from pipelines.datasets.ucsb import UCSB
from pipelines.errors import InvalidConfig

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetRefused",
    "EmptyClass",
    "NoDataFolder",
    "Problems",
    "RepeatedName",
    "Sample",
    "UnreadableImages",
    "find_dataset",
]

DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {dataset.key: dataset for dataset in (MIAS, BUSI, UCSB, DDSM, UBI, IDC, *PHANTOMS)}
)
"""Key -> data set, all that the pipelines can read; the first of a modality is its default."""


def find_dataset(key: str) -> Dataset:
    """The data set of a key such as ``busi``.

    Raises:
        InvalidConfig: the key is none of the readers'.
    """
    if key not in DATASETS:
        raise InvalidConfig(
            expected=f"a data set: {', '.join(DATASETS)}",
            received=repr(key),
            action="Use one of the names listed.",
        )
    return DATASETS[key]
