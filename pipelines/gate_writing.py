"""Gates of some modalities, fitted together: each is measured with the images of the others."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from models.files import replace_file
from models.gate import Gate, Share
from pipelines import splitting
from pipelines.datasets import Problems, find_dataset
from pipelines.errors import NoSplit
from pipelines.gate_fitting import fit
from pipelines.gate_images import collect, others


def write_gates(
    datasets: Mapping[str, str], data: Path, published: Path, *, skip_unreadable: bool
) -> Iterator[str]:
    """Write a gate for each modality; yields lines that tell of each.

    Args:
        datasets: modality -> data set.
        data: folder of the data sets.
        published: the folder with ``splits``, whose parts are kept apart, and for ``gates``.
        skip_unreadable: leave unreadable images out.

    Raises:
        NoSplit: none is published for a modality.
        OtherSplit: the published one is of other images.
        DatasetRefused: a set is not there or cannot be read.
        NothingToCompare: a set is too small.
    """
    splits = {modality: _split(published / "splits" / f"{modality}.csv") for modality in datasets}
    collections = [
        collect(find_dataset(key), data, splits[modality], Problems(skip=skip_unreadable))
        for modality, key in datasets.items()
    ]
    seen = [each for collection in collections for each in collection.seen]
    seen += others()
    for collection in collections:
        gate = fit(collection, seen)
        file = published / "gates" / Gate.place(gate.modality)
        replace_file(file, f"{gate.to_json()}\n".encode())
        yield f"{file.as_posix()}: threshold {gate.threshold:.2f} of the reach"
        yield from (f"  hold-out, {kind}: {_told(share)}" for kind, share in gate.held_out.items())
        yield from (f"  other, {kind}: {_told(share)}" for kind, share in gate.foreign.items())
        yield from (f"  beside, {kind}: {_told(share)}" for kind, share in gate.aside.items())


def _split(file: Path) -> Sequence[splitting.Assigned]:
    """The parts that the models kept apart: the images that test them test the gate."""
    if not file.is_file():
        raise NoSplit(expected=f"a split {file}", received="none")
    return splitting.read(file)


def _told(share: Share) -> str:
    interval = f"95 % interval {100 * share.low:.1f}-{100 * share.high:.1f}"
    return f"{share.refused} of {share.total} refused ({100 * share.value:.1f} %, {interval})"
