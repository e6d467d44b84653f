import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score

from models.card import METRICS, Estimate, ModelCard
from models.catalogue import model_keys
from models.prediction_table import PARTS, Predictions
from pipelines.errors import LeakingSplit
from pipelines.report.checks import (
    StrangePredictions,
    refuse_disagreement,
    refuse_other_orders,
)
from tests.pipelines.report import studies

KEY = model_keys()[0]
Said = Mapping[str, Predictions]


@pytest.fixture
def split_file(tmp_path: Path) -> Path:
    path = tmp_path / "split.csv"
    path.write_text(studies.split_text(KEY.modality), "utf-8")
    return path


def true() -> tuple[ModelCard, Said]:
    model = studies.study()[KEY]
    return model.card, model.predictions


def with_metric(card: ModelCard, part: str, name: str, **fields: float) -> ModelCard:
    found = replace(card.metrics[part][name], **fields)
    return replace(card, metrics={**card.metrics, part: {**card.metrics[part], name: found}})


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_what_agrees_is_let_through(key: Any, tmp_path: Path) -> None:
    path = tmp_path / "split.csv"
    path.write_text(studies.split_text(key.modality), "utf-8")
    model = studies.study()[key]
    refuse_disagreement(model.card, model.predictions, path)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", METRICS)
def test_a_metric_that_was_made_up_is_refused(part: str, name: str, split_file: Path) -> None:
    card, said = true()
    value = card.metrics[part][name].value
    better = with_metric(card, part, name, value=min(1.0, value + 0.001))
    with pytest.raises(StrangePredictions, match=f"{name} on {part}.*{KEY.slug}"):
        refuse_disagreement(better, said, split_file)


@pytest.mark.parametrize("end", ["low", "high"])
def test_an_interval_that_was_made_up_is_refused(end: str, split_file: Path) -> None:
    card, said = true()
    narrow = with_metric(card, "test", "f1", **{end: card.metrics["test"]["f1"].value})
    with pytest.raises(StrangePredictions, match="interval's"):
        refuse_disagreement(narrow, said, split_file)


def test_a_sensitive_point_that_was_made_up_is_refused(split_file: Path) -> None:
    card, said = true()
    point = card.high_sensitivity
    test = {**point.metrics["test"], "recall": Estimate(value=0.999, low=0.9, high=1.0)}
    made_up = replace(point, metrics={**point.metrics, "test": test})
    with pytest.raises(StrangePredictions, match="recall on test"):
        refuse_disagreement(replace(card, high_sensitivity=made_up), said, split_file)


def test_a_calibration_of_other_numbers_is_refused(split_file: Path) -> None:
    card, said = true()
    other = replace(card.calibration, intercept=card.calibration.intercept + 0.5)
    with pytest.raises(StrangePredictions, match="calibrated Brier score"):
        refuse_disagreement(replace(card, calibration=other), said, split_file)


def test_a_threshold_that_is_not_the_best_on_validation_is_refused(split_file: Path) -> None:
    card, said = true()
    boasting = replace(card.threshold, validation_f1=card.threshold.validation_f1 + 0.01)
    with pytest.raises(StrangePredictions, match="the best F1 on validation"):
        refuse_disagreement(replace(card, threshold=boasting), said, split_file)


def test_a_threshold_that_does_not_give_the_best_is_refused(split_file: Path) -> None:
    card, said = true()
    validation = said["validation"]
    value = next(
        value
        for value in (0.01, 0.99)
        if f1_score(validation.labels, validation.probabilities >= value)
        < card.threshold.validation_f1 - 0.01
    )
    moved = replace(card, threshold=replace(card.threshold, value=value))
    with pytest.raises(StrangePredictions, match=f"the best F1 on validation at {value}"):
        refuse_disagreement(moved, said, split_file)


def test_rows_in_another_order_than_those_of_another_model_are_refused() -> None:
    found = {key: dict(model.predictions) for key, model in studies.study().items()}
    refuse_other_orders(found)
    turned = found[KEY]["test"]
    found[KEY]["test"] = Predictions(
        names=turned.names[::-1],
        labels=turned.labels[::-1],
        weights=turned.weights[::-1],
        groups=turned.groups[::-1],
        probabilities=turned.probabilities[::-1],
        dense=None,
    )
    with pytest.raises(StrangePredictions, match="test images in the order of"):
        refuse_other_orders(found)


@pytest.mark.parametrize("value", [0.1234, None])
def test_a_dense_network_of_other_numbers_is_refused(value: float | None, split_file: Path) -> None:
    card, said = true()
    training = replace(card.training, dense_f1=value)
    with pytest.raises(StrangePredictions, match="before compaction"):
        refuse_disagreement(replace(card, training=training), said, split_file)


def test_without_a_dense_network_there_is_nothing_to_refuse(split_file: Path) -> None:
    card, said = true()
    plain = {part: replace(one, dense=None) for part, one in said.items()}
    training = replace(card.training, dense_f1=None)
    refuse_disagreement(replace(card, training=training), plain, split_file)


def dropped(one: Predictions) -> Predictions:
    return Predictions(
        names=one.names[1:],
        labels=one.labels[1:],
        weights=one.weights[1:],
        groups=one.groups[1:],
        probabilities=one.probabilities[1:],
        dense=None if one.dense is None else one.dense[1:],
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "change",
    [
        dropped,
        lambda one: replace(one, names=("other.png", *one.names[1:])),
        lambda one: replace(one, labels=1 - one.labels),
        lambda one: replace(one, groups=np.array(["g", *one.groups[1:]])),
    ],
    ids=["an image less", "another image", "another label", "another group"],
)
def test_other_images_than_those_of_the_split_are_refused(
    part: str, change: Callable[[Predictions], Predictions], split_file: Path
) -> None:
    card, said = true()
    with pytest.raises(StrangePredictions, match=f"{part} images"):
        refuse_disagreement(card, {**said, part: change(said[part])}, split_file)


def with_further(one: Predictions, group: str) -> Predictions:
    """The first finding's crop and a further one of ``group``, counting as one together."""
    return Predictions(
        names=(*one.names, "further.png"),
        labels=np.append(one.labels, one.labels[0]),
        groups=np.append(one.groups, group),
        weights=np.append([0.5, *one.weights[1:]], 0.5),
        probabilities=np.append(one.probabilities, one.probabilities[0]),
        dense=None if one.dense is None else np.append(one.dense, one.dense[0]),
    )


def test_a_further_crop_of_a_finding_may_validate(split_file: Path) -> None:
    card, said = true()
    one = said["validation"]
    refuse_disagreement(card, {**said, "validation": with_further(one, one.groups[0])}, split_file)
    with pytest.raises(StrangePredictions, match="validation images"):
        refuse_disagreement(
            card, {**said, "validation": with_further(one, said["test"].groups[0])}, split_file
        )
    one = said["test"]
    with pytest.raises(StrangePredictions, match="test images"):
        refuse_disagreement(card, {**said, "test": with_further(one, one.groups[0])}, split_file)


@pytest.mark.parametrize("part", PARTS)
def test_weights_that_prefer_one_finding_are_refused(part: str, split_file: Path) -> None:
    card, said = true()
    weights = said[part].weights.copy()
    weights[0] = 0.999
    with pytest.raises(StrangePredictions, match=f"{part} images whose weights"):
        refuse_disagreement(card, {**said, part: replace(said[part], weights=weights)}, split_file)


def test_the_crops_of_a_finding_may_not_count_for_more_than_it(split_file: Path) -> None:
    card, said = true()
    one = said["validation"]
    more = with_further(one, one.groups[0])
    heavy = replace(more, weights=np.ones(len(more.names)))
    with pytest.raises(StrangePredictions, match="validation images whose weights"):
        refuse_disagreement(card, {**said, "validation": heavy}, split_file)


def test_a_dense_network_without_validation_answers_decides_as_the_shipped_one(
    split_file: Path,
) -> None:
    card, said = true()
    blind = {**said, "validation": replace(said["validation"], dense=None)}
    called = said["test"].dense >= card.threshold.value
    training = replace(card.training, dense_f1=float(f1_score(said["test"].labels, called)))
    refuse_disagreement(replace(card, training=training), blind, split_file)
    off = replace(training, dense_f1=training.dense_f1 + 0.01)
    with pytest.raises(StrangePredictions, match="before compaction"):
        refuse_disagreement(replace(card, training=off), blind, split_file)


def test_another_model_s_predictions_are_refused(split_file: Path) -> None:
    card, _ = true()
    other = next(key for key in model_keys() if key.modality == KEY.modality and key != KEY)
    with pytest.raises(
        StrangePredictions, match=f"pipelines train {KEY.slug}`.*`evaluate .*publish"
    ):
        refuse_disagreement(card, studies.study()[other].predictions, split_file)


def test_another_split_file_is_refused(split_file: Path, tmp_path: Path) -> None:
    card, said = true()
    split_file.write_text(split_file.read_text("utf-8") + "x.png,0,g,train\n", "utf-8")
    with pytest.raises(StrangePredictions, match="SHA-256"):
        refuse_disagreement(card, said, split_file)
    with pytest.raises(StrangePredictions, match="received none"):
        refuse_disagreement(card, said, tmp_path / "nowhere.csv")


def test_a_split_file_that_leaks_is_refused(split_file: Path) -> None:
    card, said = true()
    rows = split_file.read_text("utf-8").splitlines()
    test = next(row for row in rows if row.endswith(",test"))
    leak = f"other.png,0,{test.split(',')[2]},train"
    split_file.write_text("\n".join([*rows, leak, ""]), "utf-8")
    digest = hashlib.sha256(split_file.read_bytes()).hexdigest()
    data = replace(card.data, split_sha256=digest)
    with pytest.raises(LeakingSplit):
        refuse_disagreement(replace(card, data=data), said, split_file)
