"""Publication: an evaluated model goes where the portal finds it, with all that proves it."""

from collections.abc import Sequence
from pathlib import Path

from models import checkpoint, prediction_table
from models.card import ModelCard
from models.catalogue import ModelKey, model_keys
from models.confusion import confusion
from models.errors import Refusal
from models.files import file_sha256, replace_file
from pipelines import curves, splitting
from pipelines.data_module import DataModule
from pipelines.errors import NotEvaluated
from pipelines.run_folder import work_words
from pipelines.turn import turn_in

_PATIENCE = 60.0  # seconds, in which another command has long written its own


def publish(key: ModelKey, data: DataModule, run: Path, folder: Path) -> ModelCard:
    """Copy a run's model to the checkpoint folder and renew its line in the list of checksums.

    Its split and its predictions go beside that folder, to ``splits`` and ``predictions``.

    Raises:
        NotEvaluated: the run has no ``model.h5``, or its predictions are not those of that file,
            or the data have another split by now.
        CheckpointRefused, InvalidCard: that file is no valid checkpoint.
        InvalidPredictions: the run has no valid predictions.
        FolderInUse: another command keeps writing there.
        FolderRefused: the folder above it cannot be made.
    """
    source = run / "model.h5"
    if not source.is_file():
        raise _not_evaluated(key, run.parent, f"an evaluated model in {run}", "none")
    card = checkpoint.read_card(source)
    if splitting.sha256(data.split) != card.data.split_sha256:
        raise _not_evaluated(
            key, run.parent, f"the split {card.data.split_sha256[:16]}", "another by now"
        )
    _check_predictions(key, run / prediction_table.FILE, card)
    beside = folder.parent
    with turn_in(folder, patience=_PATIENCE):  # the list of checksums is read and written anew
        splitting.write(beside / "splits" / f"{key.modality.key}.csv", data.split)
        told = predictions_path(key, beside / "predictions")
        replace_file(told, (run / prediction_table.FILE).read_bytes())
        replace_file(folder / key.checkpoint, source.read_bytes())
        checkpoint.list_sum(folder, key.checkpoint)
    return card


def is_published(key: ModelKey, data: DataModule, run: Path, folder: Path) -> bool:
    """Whether all that ``publish`` would write for a run is there already, byte for byte."""
    source, beside = run / "model.h5", folder.parent
    told = predictions_path(key, beside / "predictions")
    split = beside / "splits" / f"{key.modality.key}.csv"
    places = (source, folder / key.checkpoint, told, run / prediction_table.FILE, split)
    if not all(path.is_file() for path in places):
        return False
    digest = file_sha256(source)
    return (
        digest == file_sha256(folder / key.checkpoint)
        and digest == checkpoint.read_sums(folder).get(str(key.checkpoint))
        and told.read_bytes() == (run / prediction_table.FILE).read_bytes()
        and split.read_text("utf-8") == splitting.to_csv(data.split)
    )


def of_other_splits(modality: str, folder: Path) -> Sequence[ModelKey]:
    """The published models of a modality that do not belong to the split that lies there now.

    Files without a readable card are passed over.
    """
    digest = file_sha256(folder.parent / "splits" / f"{modality}.csv")
    return [
        key
        for key in model_keys()
        if key.modality.key == modality and _split_of(folder / key.checkpoint) not in (None, digest)
    ]


def _split_of(path: Path) -> str | None:
    try:
        return checkpoint.read_card(path).data.split_sha256
    except Refusal:
        return None


def predictions_path(key: ModelKey, folder: Path) -> Path:
    """Where the predictions of a published model lie below ``models/predictions``."""
    return folder / key.checkpoint.with_suffix(".csv")


def _check_predictions(key: ModelKey, path: Path, card: ModelCard) -> None:
    """Refuse predictions that do not give the counts and the curve of the card."""
    test = prediction_table.read(path)["test"]
    counts = confusion(test.labels, test.probabilities >= card.threshold.value)
    if counts != card.confusion or curves.roc(test.labels, test.probabilities) != card.roc:
        raise _not_evaluated(
            key, path.parent.parent, f"the predictions of {card.fingerprint} in {path}", "others"
        )


def _not_evaluated(key: ModelKey, work: Path, expected: str, received: str) -> NotEvaluated:
    return NotEvaluated(
        expected=expected,
        received=received,
        action=f"Run `python -m pipelines evaluate {key.slug}{work_words(work)}` first.",
    )
