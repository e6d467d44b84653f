"""Publication: an evaluated model goes where the portal finds it, with its split and checksum."""

from pathlib import Path

from models import checkpoint
from models.card import ModelCard
from models.catalogue import ModelKey
from models.files import replace_file
from pipelines import splitting
from pipelines.data_module import DataModule
from pipelines.errors import NotEvaluated


def publish(key: ModelKey, data: DataModule, run: Path, folder: Path) -> ModelCard:
    """Copy a run's ``model.h5`` to the checkpoint folder and renew the list of checksums.

    Raises:
        NotEvaluated: the run has no ``model.h5``.
        CheckpointRefused: that file is no valid checkpoint.
    """
    source = run / "model.h5"
    if not source.is_file():
        raise NotEvaluated(
            expected=f"an evaluated model in {run}",
            received="none",
            action=f"Run `python -m pipelines evaluate {key.slug}` first.",
        )
    card = checkpoint.read_card(source)
    replace_file(folder / key.checkpoint, source.read_bytes())
    splitting.write(folder.parent / "splits" / f"{key.modality.key}.csv", data.split)
    checkpoint.write_sums(folder)
    return card
