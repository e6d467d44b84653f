"""DDSM Mammography: tiles of digitised films in TFRecord shards, normal against abnormal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.datasets.errors import EmptyClass, MissingPackage, NoDataFolder, Problems
from pipelines.datasets.file_names import is_text
from pipelines.datasets.files_below import files_below
from pipelines.datasets.groups import Groups
from pipelines.datasets.near_duplicates import fingerprint, join_same_views
from pipelines.datasets.sample import Dataset, Sample
from pipelines.progress import shown

TILE = 299
_CLASSES = ("normal", "abnormal")
_LAYOUT = "TFRecord shards (`*.tfrecords`)"
_SUFFIXES = (".tfrecords", ".tfrecord")
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
    share a group, which is put aside where it has both labels; different cuts of one film cannot be
    told and may lie on two sides of a split.

    Raises:
        NoDataFolder: there are no shards.
        EmptyClass: every tile has the same label.
        MissingPackage: TensorFlow is not installed.
    """
    shards = sorted(path for path in files_below(folder) if _is_shard(path))
    if not shards:
        raise NoDataFolder(
            folder, layout=_LAYOUT, published='"DDSM Mammography" (skooch)', usual=DDSM.folder
        )
    names, labels, prints = [], [], []
    for tile in shown(_tiles(folder, shards, problems), "Looking for copies", "tile"):
        names.append(tile.name)
        labels.append(tile.label)
        prints.append(fingerprint(tile.pixels, side=_SIDE))
    for label, title in enumerate(_CLASSES):
        if label not in labels and not problems.unreadable:
            raise EmptyClass(folder, label=title)
    groups = Groups(len(names))
    join_same_views(groups, range(len(names)), prints, threshold=_SAME_TILE, turned=True)
    told: dict[int, set[int]] = {}
    for index, label in enumerate(labels):
        told.setdefault(groups.find(index), set()).add(label)
    for index, tile in enumerate(_tiles(folder, shards, problems)):
        first = groups.find(index)
        if len(told[first]) > 1:
            problems.put_aside(tile.name, "the same view exists with the other label")
            continue
        yield Sample(name=tile.name, label=tile.label, group=names[first], pixels=tile.pixels)


def _is_shard(path: Path) -> bool:
    """Whether a file is a shard, and neither hidden nor half a download."""
    return path.suffix in _SUFFIXES and not path.name.startswith(".")


def _tiles(folder: Path, shards: Sequence[Path], problems: Problems) -> Iterator[_Tile]:
    for shard in shards:
        stem = shard.relative_to(folder).with_suffix("").as_posix()
        if not is_text(str(shard)):
            problems.add(stem, "its name is not UTF-8")
            continue
        for index, (image, label) in enumerate(_records(shard, stem, problems)):
            name = f"{stem}#{index:06d}"
            fault = _fault(image, label)
            if fault is None:
                gray = np.frombuffer(image, np.uint8).reshape(TILE, TILE, 1)
                yield _Tile(name, label, np.repeat(gray, 3, axis=2))
            else:
                problems.add(name, fault)


def _records(shard: Path, stem: str, problems: Problems) -> Iterator[tuple[bytes, int]]:
    """Image and label of every record; b"" and -1 stand for what a record lacks."""
    try:
        import tensorflow as tf
    except ImportError as error:
        raise MissingPackage(
            expected="TensorFlow, which reads TFRecord shards",
            received="no such package",
            action="Install the requirements for training.",
        ) from error
    features = {
        "image": tf.io.FixedLenFeature([], tf.string, default_value=""),
        "label_normal": tf.io.FixedLenFeature([], tf.int64, default_value=-1),
    }
    try:
        for record in tf.data.TFRecordDataset(str(shard)):
            try:
                example = tf.io.parse_single_example(record, features)
                yield example["image"].numpy(), int(example["label_normal"])
            except (tf.errors.InvalidArgumentError, UnicodeDecodeError):
                # TensorFlow fails to word its own complaint about some foreign records
                yield b"", -1
    except tf.errors.DataLossError:
        problems.add(stem, "the shard is truncated or damaged")


def _fault(image: bytes, label: int) -> str | None:
    """What is wrong with a record; None where nothing is."""
    if not image:
        return "the feature image is missing"
    if len(image) != TILE * TILE:
        return f"the image has {len(image)} bytes, not {TILE} x {TILE}"
    if label == -1:
        return "the feature label_normal is missing"
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
    set_aside=(
        "No patients are named: tiles of one film may lie on two sides of the split.",
        "Views that exist with both labels are left out with all their near-duplicates.",
    ),
)
