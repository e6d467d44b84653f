"""Checks: a report is written only when card, predictions and split file say the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.card import METRICS, ModelCard
from models.catalogue import ModelKey
from models.files import file_sha256
from models.prediction_table import Predictions
from pipelines import splitting
from pipelines.dense_threshold import dense_threshold
from pipelines.errors import PipelineRefused
from pipelines.statistics import all_metrics, best_f1_threshold, estimates

TOLERANCE = 0.0005
"""How far a metric computed again may be from the card's, which has four digits."""


class StrangePredictions(PipelineRefused):
    title = "The predictions are not those of the published model"

    def __init__(self, model: str, *, expected: str, received: str) -> None:
        super().__init__(
            expected=f"{expected}, for {model}",
            received=received,
            action=f"Run `python -m pipelines train {model}`, with the data set, seed and shares "
            f"of its modality's other models, then `evaluate {model}` and `publish {model}`.",
        )


def refuse_disagreement(
    card: ModelCard, found: Mapping[str, Predictions], split_file: Path
) -> None:
    """Refuse predictions that are not those of the card, or not of the images of its split.

    Args:
        card: of the published model.
        found: part -> predictions.
        split_file: the published split of the model's modality.

    Raises:
        StrangePredictions: says what differs.
        LeakingSplit: a group has images in two parts.
    """
    _refuse_other_split(card, split_file)
    _refuse_other_images(card, found, split_file)
    _refuse_other_weights(card, found, split_file)
    _refuse_other_threshold(card, found["validation"])
    for part, predictions in found.items():
        _refuse_other_metrics(card, part, predictions)
    _refuse_other_intervals(card, found["test"])
    _refuse_other_calibration(card, found["test"])
    _refuse_other_dense(card, found)


def refuse_other_orders(found: Mapping[ModelKey, Mapping[str, Predictions]]) -> None:
    """Refuse predictions whose rows stand in another order than those of their modality's first.

    Models are compared image by image, row by row.

    Args:
        found: model -> part -> predictions.

    Raises:
        StrangePredictions: they do.
    """
    first: dict[str, ModelKey] = {}
    for key, predictions in found.items():
        other = first.setdefault(key.modality.key, key)
        for part, rows in predictions.items():
            if rows.names != found[other][part].names:
                raise StrangePredictions(
                    key.slug,
                    expected=f"the {part} images in the order of {other.slug}",
                    received="another order",
                )


def _refuse_other_split(card: ModelCard, split_file: Path) -> None:
    digest = file_sha256(split_file) if split_file.is_file() else "none"
    if digest != card.data.split_sha256:
        raise StrangePredictions(
            card.model,
            expected=f"{card.data.split_file} with SHA-256 {card.data.split_sha256[:16]}",
            received=digest[:16],
        )


def _refuse_other_images(
    card: ModelCard, found: Mapping[str, Predictions], split_file: Path
) -> None:
    rows = splitting.read(split_file)
    for part, predictions in found.items():
        dealt = {(row.image, row.label, row.group) for row in rows if row.part == part}
        columns = (predictions.names, predictions.labels.tolist(), predictions.groups.tolist())
        said = set(zip(*columns, strict=True)) - _further(part, predictions, rows)
        if said != dealt:
            raise StrangePredictions(
                card.model,
                expected=f"the {len(dealt)} {part} images of {card.data.split_file}, with their "
                "labels and groups",
                received=f"{len(said)}, of which {len(said - dealt)} are none of these",
            )


def _further(
    part: str, predictions: Predictions, rows: Sequence[splitting.Assigned]
) -> set[tuple[str, int, str]]:
    """Further crops of the findings that validate; the split file has one of each finding."""
    dealt = {row.image for row in rows}
    findings = {(row.label, row.group) for row in rows if row.part == part == "validation"}
    columns = (predictions.names, predictions.labels.tolist(), predictions.groups.tolist())
    return {
        (name, label, group)
        for name, label, group in zip(*columns, strict=True)
        if name not in dealt and (label, group) in findings
    }


def _refuse_other_weights(
    card: ModelCard, found: Mapping[str, Predictions], split_file: Path
) -> None:
    """All crops of a finding must count as its one image in the split file does."""
    dealt = Counter((row.part, row.label, row.group) for row in splitting.read(split_file))
    for part, predictions in found.items():
        columns = (predictions.labels.tolist(), predictions.groups.tolist())
        findings = [(part, label, group) for label, group in zip(*columns, strict=True)]
        said = Counter(findings)
        expected = [dealt[finding] / said[finding] for finding in findings]
        if not np.allclose(predictions.weights, expected, rtol=0.0, atol=1e-6):
            raise StrangePredictions(
                card.model,
                expected=f"{part} images whose weights make each finding count as one",
                received="other weights",
            )


def _refuse_other_threshold(card: ModelCard, validation: Predictions) -> None:
    _, f1 = best_f1_threshold(validation.labels, validation.probabilities, validation.weights)
    _compare(card.model, "the best F1 on validation", card.threshold.validation_f1, f1)
    value = card.threshold.value
    found = _metrics(validation, value)["f1"]
    _compare(card.model, f"the best F1 on validation at {value:.2f}", f1, found)


def _refuse_other_metrics(card: ModelCard, part: str, predictions: Predictions) -> None:
    """Both operating points of a part."""
    for point in card.points.values():
        again = _metrics(predictions, point.threshold.value)
        for name, said in point.metrics[part].items():
            what = f"{name} on {part} at {point.threshold.value:.2f}"
            _compare(card.model, what, said.value, again[name])
    again = _metrics(predictions, card.threshold.value)
    for name, said in card.metrics[part].items():
        _compare(card.model, f"{name} on {part}", said.value, again[name])


def _refuse_other_intervals(card: ModelCard, test: Predictions) -> None:
    again = estimates(
        test.labels,
        test.probabilities,
        test.groups,
        card.threshold.value,
        int(card.training.config["seed"]),
    )
    for name, said in card.metrics["test"].items():
        _compare(card.model, f"the interval's begin of {name}", said.low, again[name].low)
        _compare(card.model, f"the interval's end of {name}", said.high, again[name].high)


def _refuse_other_calibration(card: ModelCard, test: Predictions) -> None:
    calibrated = np.array([card.calibration.calibrated(p) for p in test.probabilities])
    brier = _metrics(replace(test, probabilities=calibrated), card.threshold.value)["brier"]
    _compare(card.model, "the calibrated Brier score", card.calibration.brier.value, brier)


def _refuse_other_dense(card: ModelCard, found: Mapping[str, Predictions]) -> None:
    said, validation, test = card.training.dense_f1, found["validation"], found["test"]
    if said is None and validation.dense is None and test.dense is None:
        return
    if said is None or test.dense is None:
        raise StrangePredictions(
            card.model,
            expected="the F1 before compaction with its probabilities, or none of them",
            received="a part of them",
        )
    threshold = dense_threshold(validation, card.threshold.value)
    again = _metrics(replace(test, probabilities=test.dense), threshold)["f1"]
    _compare(card.model, "F1 before compaction", said, again)


def _metrics(said: Predictions, threshold: float) -> Mapping[str, float]:
    weights = said.weights[np.newaxis]
    found = all_metrics(said.labels.astype(int), said.probabilities, threshold, weights)
    return {name: float(found[name][0]) for name in METRICS}


def _compare(model: str, what: str, said: float, again: float) -> None:
    if abs(said - again) > TOLERANCE:
        raise StrangePredictions(
            model, expected=f"{what} of {said:.4f}, as its card says", received=f"{again:.4f}"
        )
