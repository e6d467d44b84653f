"""First weights: what a file that training begins with has learnt from, and whether it may."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

import h5py

from models import checkpoint
from models.errors import Refusal
from pipelines.data_module import DataModule
from pipelines.errors import LeakingStart
from pipelines.options import FIRST_WEIGHTS

SPLITS = "splits"  # attribute of a trunk or checkpoint: data set -> SHA-256 of its split


def refuse_known_images(init: str, data: DataModule) -> None:
    """Refuse first weights that learnt from the same data set, split in another way.

    They would know images that now validate or test. Files that do not tell what they learnt
    from are let through.

    Raises:
        LeakingStart: they learnt with another split of this data set.
    """
    if init in FIRST_WEIGHTS:
        return
    summary = data.summary()
    before = splits_behind(Path(init)).get(summary.name)
    if before not in (None, summary.split_sha256):
        raise LeakingStart(
            expected=f"first weights that learnt with this split of {summary.name}",
            received=f"{init}, which learnt with another",
        )


def note_splits(file: Path, init: str, data: DataModule) -> None:
    """Write into an HDF5 file what it learnt from: its own split, and those behind ``init``."""
    behind = {} if init in FIRST_WEIGHTS else splits_behind(Path(init))
    summary = data.summary()
    splits = {**behind, summary.name: summary.split_sha256}
    with h5py.File(file, "r+", libver="latest") as content:
        content.attrs[SPLITS] = json.dumps(splits, sort_keys=True)


def splits_behind(file: Path) -> Mapping[str, str]:
    """Data set -> SHA-256 of the split that a trunk or a checkpoint learnt with; may be empty."""
    with contextlib.suppress(OSError), h5py.File(file, "r") as content:
        if SPLITS in content.attrs:
            return dict(json.loads(content.attrs[SPLITS]))
    with contextlib.suppress(Refusal):
        card = checkpoint.read_card(file)
        return {card.data.name: card.data.split_sha256}
    return {}
