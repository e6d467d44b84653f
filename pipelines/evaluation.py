"""Evaluation of a run: compact the network, judge it, write it with its card."""

import contextlib
import datetime as dt
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keras

from models import checkpoint, prediction_table
from models.card import ModelCard, TrainingSummary
from models.files import file_sha256
from models.prediction_table import Predictions
from pipelines.config import Config
from pipelines.data_module import CHOICE, DataModule
from pipelines.errors import InitUnavailable
from pipelines.evaluator import Evaluator
from pipelines.figures import draw_figures
from pipelines.first_weights import note_splits, splits_behind
from pipelines.limitations import limitations
from pipelines.options import FIRST_WEIGHTS
from pipelines.sparsity import compact, zero_share
from pipelines.trainer import Trained
from pipelines.training_log import TrainingLog

_PACKAGES = (
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "torch",
    "jax",
    "numpy",
    "h5py",
    "opencv-python-headless",
    "scikit-learn",
)


def evaluate_run(config: Config, data: DataModule, trained: Trained, folder: Path) -> ModelCard:
    """Judge a trained network as it will be shipped, and write it with its card.

    The network is compacted in place, written, and judged as it is read back. Everything is
    chosen on validation; only then the test images are opened, once, for the card. In ``folder``
    then lie ``predictions.csv``, ``figures/`` and, last, ``model.h5``.

    Raises:
        InitUnavailable: the file of the first weights, which the card names, is gone.
        DamagedPreparation: an image is missing or cannot be read.
    """
    dense = _dense(trained)
    network, draft, done = trained.model, folder / "draft.h5", folder / "model.h5"
    done.unlink(missing_ok=True)  # while it is there, all that lies beside it belongs to it
    compact(network, config.mantissa_bits)
    checkpoint.write_draft(network, draft)
    note_splits(draft, config.init, data)
    shipped = checkpoint.open_model(draft)
    evaluator = Evaluator(config.seed)
    validation = _predict(shipped, dense, data, CHOICE)
    choices = evaluator.choose(validation)
    test = _predict(shipped, dense, data, "test")
    judged = evaluator.judge(choices, validation, test)
    card = ModelCard(
        model=config.key.slug,
        labels=config.key.modality.labels,
        fingerprint=checkpoint.fingerprint(network),
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        threshold=judged.threshold,
        metrics=judged.metrics,
        confusion=judged.confusion,
        high_sensitivity=judged.high_sensitivity,
        calibration=judged.calibration,
        roc=judged.roc,
        pr=judged.pr,
        decision=judged.decision,
        data=data.summary(),
        training=_training(config, shipped, trained.log, judged.dense_f1),
        versions=_versions(),
        limitations=limitations(
            data.summary(), judged, len(validation.names), splits_behind(draft)
        ),
    )
    prediction_table.write(folder / prediction_table.FILE, {"validation": validation, "test": test})
    draw_figures(card, folder / "figures")
    checkpoint.seal(draft, shipped, card, done)
    return card


def _dense(trained: Trained) -> keras.Model | None:
    """The network before compaction; None where there was nothing to undo."""
    if trained.dense_weights is None:
        return None
    model = keras.models.clone_model(trained.model)
    model.set_weights(trained.dense_weights)
    return model


def _predict(
    shipped: keras.Model, dense: keras.Model | None, data: DataModule, part: str
) -> Predictions:
    """What both networks say of the images of a part."""
    batches = data.evaluation(part)
    return Predictions(
        names=data.names(part),
        groups=data.groups(part),
        labels=data.labels(part),
        weights=data.weights(part),
        probabilities=Evaluator.probabilities(shipped, batches),
        dense=None if dense is None else Evaluator.probabilities(dense, batches),
    )


def _training(
    config: Config, model: keras.Model, log: TrainingLog, dense_f1: float | None
) -> TrainingSummary:
    return TrainingSummary(
        init=init_name(config),
        config={**config.to_dict(), "init": init_name(config)},
        config_fingerprint=config.fingerprint,
        epochs=log.epochs,
        seconds=round(log.seconds, 1),
        parameters=model.count_params(),
        sparsity=round(zero_share(model), 4),
        dense_f1=dense_f1,
        history=log.history,
        stages=log.stages,
    )


def init_name(config: Config) -> str:
    """Where the first weights came from; a file by its name and SHA-256.

    Raises:
        InitUnavailable: that file is gone.
    """
    if config.init in FIRST_WEIGHTS:
        return config.init
    file = Path(config.init)
    if not file.is_file():
        raise InitUnavailable(
            expected=f"the first weights, {file}, for the card",
            received="no such file",
            action="Put the file back; or move it into a folder of the same name and run the "
            "command that began the run again with that place. Then evaluate again.",
        )
    return f"{file.parent.name}/{file.name}, SHA-256 {file_sha256(file)[:16]}"


def _versions() -> Mapping[str, str]:
    found = {"python": platform.python_version(), "keras backend": keras.backend.backend()}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
