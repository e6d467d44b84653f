"""Subgroups: what a data set tells of the validation and test images beside their labels."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from models.files import file_sha256
from models.prediction_table import PARTS
from models.subgroup_table import UNKNOWN, Attribute, SubgroupTable
from pipelines import splitting
from pipelines.datasets import Dataset
from pipelines.datasets.described import Known, Measure
from pipelines.errors import NoSplit


def subgroup_table(dataset: Dataset, data: Path, splits: Path) -> SubgroupTable:
    """What is known of the hold-out images of a published split.

    Args:
        dataset: the one that was split, with a description of its images.
        data: the folder with the data sets.
        splits: the folder of published splits.

    Raises:
        NoSplit: none is published for the modality.
        DatasetRefused: the set does not know an image of the split, or cannot be read.
    """
    split_file = splits / f"{dataset.modality}.csv"
    if not split_file.is_file():
        raise NoSplit(expected=f"a split {split_file}", received="none")
    described = dataset.described
    if described is None:
        raise ValueError(f"expected a data set with a description, received {dataset.key}")
    measured = any(isinstance(each, Measure) for each in described.attributes)
    wanted = (*PARTS, "train") if measured else PARTS
    folder = dataset.locate(data)
    known: dict[str, dict[str, Known]] = {part: {} for part in wanted}
    for row in splitting.read(split_file):
        if row.part in wanted:
            known[row.part][row.image] = described.read(folder, row.image)
    columns = [
        _measured(each, known) if isinstance(each, Measure) else _named(each, known)
        for each in described.attributes
    ]
    return SubgroupTable(
        modality=dataset.modality,
        data=dataset.title,
        split_sha256=file_sha256(split_file),
        attributes=tuple(attribute for attribute, _ in columns),
        images={
            part: {
                name: {attribute.key: value[part, name] for attribute, value in columns}
                for name in known[part]
            }
            for part in PARTS
        },
    )


Parts = dict[str, dict[str, Known]]
"""Part -> name of an image -> what is known of it."""

Column = tuple[Attribute, dict[tuple[str, str], str]]
"""An attribute, and (part, name of an image) -> its value."""


def _named(attribute: Attribute, known: Parts) -> Column:
    values = {
        (part, name): str(known[part][name].get(attribute.key, UNKNOWN))
        for part in PARTS
        for name in known[part]
    }
    occurring = tuple(sorted(set(values.values()) - {UNKNOWN}))
    return replace(attribute, values=attribute.values or occurring), values


def _measured(measure: Measure, known: Parts) -> Column:
    training = _numbers(measure.key, known["train"].values())
    low, high = borders = measure.borders(training)
    attribute = measure.attribute(borders)
    values = {
        (part, name): _third(row.get(measure.key), low, high, attribute.values)
        for part in PARTS
        for name, row in known[part].items()
    }
    return attribute, values


def _numbers(key: str, rows: Iterable[Known]) -> list[float]:
    return [float(row[key]) for row in rows if key in row]


def _third(number: str | float | None, low: float, high: float, values: Sequence[str]) -> str:
    if number is None:
        return UNKNOWN
    return values[(float(number) >= low) + (float(number) >= high)]


def told(table: SubgroupTable) -> Iterator[str]:
    """A line for each attribute, for whoever started the command."""
    for attribute in table.attributes:
        for part in PARTS:
            counts = Counter(row[attribute.key] for row in table.images[part].values())
            words = ", ".join(f"{value} {counts[value]}" for value in attribute.values)
            yield f"{table.data}, {attribute.title}, {part}: {words}"
