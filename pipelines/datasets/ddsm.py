"""DDSM Mammography: tiles of digitised films in TFRecord shards, normal against abnormal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.datasets.errors import EmptyClass, MissingPackage, NoDataFolder, Problems
from pipelines.datasets.near_duplicates import Groups, fingerprint, join_same_views
from pipelines.datasets.sample import Dataset, Sample

TILE = 299
_CLASSES = ("normal", "abnormal")
_LAYOUT = "TFRecord shards (`*.tfrecords`)"
_SIDE = 16  # small fingerprints: the set has tens of thousands of tiles
_SAME_TILE = 0.9


@dataclass(frozen=True, slots=True)
class _Tile:
    name: str
    label: int
    pixels: np.ndarray  # (299, 299, 3) uint8


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The tiles of all shards, by shard, then position; labels are those of ``label_normal``.

    The set names no patients. Tiles that show the same view, also turned by quarters or mirrored,
    share a group; different cuts of one film cannot be told and may lie on two sides of a split.

    Raises:
        NoDataFolder: there are no shards.
        EmptyClass: every tile has the same label.
        MissingPackage: TensorFlow is not installed.
    """
    shards = sorted(path for path in folder.rglob("*.tfrecord*") if path.is_file())
    if not shards:
        raise NoDataFolder(folder, layout=_LAYOUT, published='"DDSM Mammography" (skooch)')
    names, labels, prints = [], set(), []
    for tile in _tiles(folder, shards, problems):
        names.append(tile.name)
        labels.add(tile.label)
        prints.append(fingerprint(tile.pixels, side=_SIDE))
    for label, title in enumerate(_CLASSES):
        if label not in labels and not problems.unreadable:
            raise EmptyClass(folder, label=title)
    groups = Groups(len(names))
    join_same_views(groups, range(len(names)), prints, threshold=_SAME_TILE, turned=True)
    for index, tile in enumerate(_tiles(folder, shards, problems)):
        group = names[groups.find(index)]
        yield Sample(name=tile.name, label=tile.label, group=group, pixels=tile.pixels)


def _tiles(folder: Path, shards: Sequence[Path], problems: Problems) -> Iterator[_Tile]:
    for shard in shards:
        stem = shard.relative_to(folder).with_suffix("").as_posix()
        for index, example in enumerate(_examples(shard, stem, problems)):
            name = f"{stem}#{index:06d}"
            fault = _fault(example)
            if fault is None:
                gray = np.frombuffer(example["image"].bytes_list.value[0], np.uint8)
                pixels = np.repeat(gray.reshape(TILE, TILE, 1), 3, axis=2)
                yield _Tile(name, example["label_normal"].int64_list.value[0], pixels)
            else:
                problems.add(name, fault)


def _examples(shard: Path, stem: str, problems: Problems) -> Iterator[Any]:
    """The feature maps of a shard; one that ends early or is damaged is named."""
    try:
        import tensorflow as tf
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise MissingPackage(
            expected="TensorFlow, which reads TFRecord shards",
            received="no such package",
            action="Install the requirements for training.",
        ) from error
    try:
        for record in tf.data.TFRecordDataset(str(shard)).as_numpy_iterator():
            yield tf.train.Example.FromString(record).features.feature
    except tf.errors.DataLossError:
        problems.add(stem, "the shard is truncated or damaged")
    except DecodeError:
        problems.add(stem, "the shard holds records of another kind")


def _fault(example: Any) -> str | None:
    """What is wrong with a record's features; None where nothing is."""
    if len(example["image"].bytes_list.value) != 1:
        return "the feature image is missing"
    if len(example["label_normal"].int64_list.value) != 1:
        return "the feature label_normal is missing"
    size = len(example["image"].bytes_list.value[0])
    if size != TILE * TILE:
        return f"{size} bytes, not {TILE} x {TILE}"
    label = example["label_normal"].int64_list.value[0]
    return None if label in (0, 1) else f"label_normal is {label}, neither 0 nor 1"


DDSM = Dataset(
    key="ddsm",
    title="DDSM Mammography",
    modality="mammography",
    citation="Heath M et al. The Digital Database for Screening Mammography. IWDM 2000; tiles by "
    "Scuccimarra E, DDSM Mammography, Kaggle 2018.",
    terms="Free to use with citation, as its publishers state.",
    unit="tile",
    group="near-duplicates",
    folder="ddsm-mammography",
    read=read,
    set_aside=("No patients are named: tiles of one film may lie on two sides of the split.",),
)
