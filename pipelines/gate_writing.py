"""Gates of all modalities, fitted together: each is measured with the images of the others."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from models.catalogue import BACKBONES, STRATEGIES
from models.files import replace_file
from models.gate import Gate, Share
from pipelines.config import Config
from pipelines.datasets import Problems, find_dataset
from pipelines.gate_fitting import fit
from pipelines.gate_images import collect, others


def write_gates(
    datasets: Mapping[str, str], data: Path, folder: Path, *, skip_unreadable: bool
) -> Iterator[str]:
    """Write a gate for each modality below ``folder``; yields lines that tell of each.

    Args:
        datasets: modality -> data set.
        data: folder of the data sets.
        folder: of the gates.
        skip_unreadable: leave unreadable images out.

    Raises:
        DatasetRefused: a set is not there or cannot be read.
        NothingToCompare: a set is too small.
    """
    collections = [
        collect(find_dataset(key), data, _config(modality, key), Problems(skip=skip_unreadable))
        for modality, key in datasets.items()
    ]
    seen = [each for collection in collections for each in collection.seen]
    seen += others()
    for collection in collections:
        gate = fit(collection, seen)
        file = folder / Gate.place(gate.modality)
        replace_file(file, f"{gate.to_json()}\n".encode())
        yield f"{file.as_posix()}: threshold {gate.threshold:.2f} of the reach"
        yield from (f"  hold-out, {kind}: {_told(share)}" for kind, share in gate.held_out.items())
        yield from (f"  other, {kind}: {_told(share)}" for kind, share in gate.foreign.items())
        yield from (f"  beside, {kind}: {_told(share)}" for kind, share in gate.aside.items())


def _config(modality: str, dataset: str) -> Config:
    """A configuration whose seed and shares are those of the study's splits."""
    backbone, strategy = next(iter(BACKBONES)), next(iter(STRATEGIES))
    return Config(modality=modality, backbone=backbone, strategy=strategy, dataset=dataset)


def _told(share: Share) -> str:
    interval = f"95 % interval {100 * share.low:.1f}-{100 * share.high:.1f}"
    return f"{share.refused} of {share.total} refused ({100 * share.value:.1f} %, {interval})"
