"""BUSI, breast ultrasound images: benign against malignant lesions."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipelines.datasets.busi_described import DESCRIBED
from pipelines.datasets.busi_outlines import CLASSES, read_outlined
from pipelines.datasets.class_folders import Entry, read_grouped
from pipelines.datasets.errors import NoDataFolder, Problems
from pipelines.datasets.pictures import pictures_in, read_picture, require_pictures
from pipelines.datasets.sample import Dataset, Further, Sample

_LAYOUT = "`benign/` and `malignant/`, or `images/` with both"


def read(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The images of both classes, by class, then name; near-duplicates share a group.

    Images of one name, in both classes or in folders below them, are told apart by their paths.

    Raises:
        NoDataFolder: there are no class folders.
        EmptyClass: a class folder has no images.
    """
    root = folder / "images" if (folder / "images").is_dir() else folder
    if not all((root / name).is_dir() for name in CLASSES):
        raise NoDataFolder(
            folder, layout=_LAYOUT, published="BUSI (Al-Dhabyani et al. 2020)", usual=BUSI.folder
        )
    found = [
        (path, label)
        for label, name in enumerate(CLASSES)
        for path in require_pictures(root / name, name)
        if "_mask" not in path.stem
    ]
    repeated = Counter(path.stem for path, _ in found)
    entries = []
    for path, label in found:
        whole = path.relative_to(root) if repeated[path.stem] > 1 else Path(path.name)
        source = whole.with_suffix("").as_posix()
        entries.append(Entry(path=path, name=whole.as_posix(), label=label, source=source))
    return read_grouped(entries, problems)


def read_normal(folder: Path, problems: Problems) -> Iterator[Sample]:
    """The images without a lesion, by name; none where the copy leaves them out."""
    root = folder / "images" if (folder / "images").is_dir() else folder
    for path in pictures_in(root / "normal"):
        pixels = None if "_mask" in path.stem else read_picture(path, path.name, problems)
        if pixels is not None:
            yield Sample(name=path.name, label=0, group=path.stem, pixels=pixels)


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
    further=Further(name="image", read=read_normal),
    read_outlined=read_outlined,
    described=DESCRIBED,
    set_aside=(
        "Images without a lesion (class normal) are left out: the question is benign or malignant.",
        "Views that exist with both labels are left out with all their near-duplicates.",
    ),
)
