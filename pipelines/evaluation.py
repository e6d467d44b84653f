"""Evaluation of a run: compact the network, judge it, write it with its card."""

import contextlib
import csv
import datetime as dt
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keras
import numpy as np

from models import checkpoint
from models.card import Estimate, ModelCard, TrainingSummary
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.errors import InitUnavailable
from pipelines.evaluator import Evaluator
from pipelines.figures import draw_figures
from pipelines.sparsity import compact, zero_share
from pipelines.training_log import TrainingLog

REQUIRED_F1 = 0.70
FEW_GROUPS = 10
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


def evaluate_run(config: Config, data: DataModule, trained: keras.Model, folder: Path) -> ModelCard:
    """Judge a trained network as it will be shipped, and write ``model.h5`` and its figures.

    The threshold is chosen on validation; the test images are used once, for the card.
    """
    compact(trained, config.mantissa_bits)
    evaluator = Evaluator(config.seed)
    val = evaluator.probabilities(trained, data.evaluation("validation"))
    test = evaluator.probabilities(trained, data.evaluation("test"))
    val_labels, labels = data.labels("validation"), data.labels("test")
    threshold = evaluator.threshold(val_labels, val)
    metrics = {
        "validation": evaluator.metrics(val_labels, val, data.groups("validation"), threshold),
        "test": evaluator.metrics(labels, test, data.groups("test"), threshold),
    }
    log = TrainingLog(folder / "history.json")
    card = ModelCard(
        model=config.key.slug,
        labels=config.key.modality.labels,
        fingerprint=checkpoint.weights_fingerprint(trained.get_weights()),
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        threshold=threshold,
        metrics=metrics,
        confusion=evaluator.confusion(labels, test, threshold),
        roc=evaluator.roc(labels, test),
        data=data.summary(),
        training=_training(config, trained, log),
        versions=_versions(),
        limitations=_limitations(data, metrics["test"]),
    )
    checkpoint.write(trained, card, folder / "model.h5")
    _write_predictions(folder / "predictions.csv", data, {"validation": val, "test": test})
    draw_figures(card, folder / "figures")
    return card


def _training(config: Config, model: keras.Model, log: TrainingLog) -> TrainingSummary:
    return TrainingSummary(
        init=init_name(config),
        config={**config.to_dict(), "init": init_name(config)},
        config_fingerprint=config.fingerprint,
        epochs=log.epochs,
        seconds=round(log.seconds, 1),
        parameters=model.count_params(),
        sparsity=round(zero_share(model), 4),
        dense_f1=None,
        history=log.history,
        stages=log.stages,
    )


def init_name(config: Config) -> str:
    """Where the first weights came from; a file by its name and SHA-256."""
    if config.init in ("random", "imagenet"):
        return config.init
    file = Path(config.init)
    if not file.is_file():
        raise InitUnavailable(
            expected=f"the first weights, {file}, for the card",
            received="no such file",
            action="Put the file back, then evaluate again.",
        )
    return f"{file.parent.name}/{file.name}, SHA-256 {checkpoint.file_sha256(file)[:16]}"


def _versions() -> Mapping[str, str]:
    found = {"python": platform.python_version(), "keras backend": keras.backend.backend()}
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _limitations(data: DataModule, test: Mapping[str, Estimate]) -> tuple[str, ...]:
    """What a reader must know before trusting the model, the gravest first."""
    summary = data.summary()
    negative, positive = summary.counts["test"]
    groups, f1 = summary.groups["test"], test["f1"].value
    told = (
        (
            f1 < REQUIRED_F1,
            f"F1 on the test images is {f1:.2f}, below the required {REQUIRED_F1:.2f}.",
        ),
        (
            groups < FEW_GROUPS,
            f"With {groups} test groups the intervals are rough and likely too narrow.",
        ),
        (
            True,
            (
                f"Tested on {positive} positive and {negative} negative {summary.unit}s of one "
                f"data set ({groups} groups by {summary.group}); other scanners, laboratories and "
                "populations were not seen."
            ),
        ),
        (True, "The model probability is not calibrated: it ranks images, it is no risk."),
        (True, "An image of another kind gets a verdict too; the model does not notice."),
    )
    return tuple(sentence for applies, sentence in told if applies)


def _write_predictions(path: Path, data: DataModule, found: Mapping[str, np.ndarray]) -> None:
    """One row per image: part, name, group, label, probability."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("part", "image", "group", "label", "probability"))
        for part, probabilities in found.items():
            columns = zip(
                data.names(part), data.groups(part), data.labels(part), probabilities, strict=True
            )
            rows.writerows((part, n, g, y, f"{p:.5f}") for n, g, y, p in columns)
