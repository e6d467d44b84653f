"""BUSI, breast ultrasound images: benign against malignant lesions."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.datasets.errors import NoDataFolder, Problems
from pipelines.datasets.near_duplicates import Groups, fingerprint, join_same_views
from pipelines.datasets.pictures import read_picture, require_pictures
from pipelines.datasets.sample import Dataset, Sample

_CLASSES = ("benign", "malignant")
_LAYOUT = "`benign/` and `malignant/`, or `images/` with both"


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The images of both classes, by class, then name; near-duplicates share a group.

    The set is walked twice, for the groups and for the pixels, so that memory stays small.
    A group with both labels is put aside as a whole: at least one of its labels is wrong.

    Raises:
        NoDataFolder: there are no class folders.
        EmptyClass: a class folder has no images.
    """
    entries = []
    prints = []
    for path, label in _paths(folder):
        pixels = read_picture(path, path.name, problems)
        if pixels is not None:
            entries.append((path, label))
            prints.append(fingerprint(pixels))
    groups = Groups(len(entries))
    join_same_views(groups, prints)
    labels: dict[int, set[int]] = {}
    for index, (_, label) in enumerate(entries):
        labels.setdefault(groups.find(index), set()).add(label)
    for index, (path, label) in enumerate(entries):
        first = groups.find(index)
        if len(labels[first]) > 1:
            problems.put_aside(path.name, "the same view exists with the other label")
            continue
        pixels = read_picture(path, path.name, problems)
        if pixels is not None:
            group = entries[first][0].stem
            yield Sample(name=path.name, label=label, group=group, pixels=pixels)


def _paths(folder: Path) -> list[tuple[Path, int]]:
    root = folder / "images" if (folder / "images").is_dir() else folder
    if not all((root / name).is_dir() for name in _CLASSES):
        raise NoDataFolder(folder, layout=_LAYOUT, published="BUSI (Al-Dhabyani et al. 2020)")
    return [
        (path, label)
        for label, name in enumerate(_CLASSES)
        for path in require_pictures(root / name, name)
        if "_mask" not in path.stem
    ]


BUSI = Dataset(
    key="busi",
    title="BUSI",
    modality="ultrasound",
    citation="Al-Dhabyani W, Gomaa M, Khaled H, Fahmy A. Dataset of breast ultrasound images. "
    "Data in Brief 28, 2020, 104863.",
    terms="Article CC BY 4.0; public copies of the images state CC0.",
    unit="image",
    group="near-duplicates",
    folder="ultrasound_busi",
    read=read,
    set_aside=(
        "Images without a lesion (class normal) are left out: the question is benign or malignant.",
        "Views that exist with both labels are left out with all their near-duplicates.",
    ),
)
