import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.card import ModelCard
from models.catalogue import ModelKey, model_keys
from models.prediction_table import Predictions
from portal.checkpoint_store import CheckpointStore
from portal.model_loader import ModelLoader
from portal.prediction_store import PredictionStore
from portal.settings import PROJECT
from portal.uncertainty import Band, band_of
from tests.fakes import fake_card

KEY = model_keys()[0]
MODELS = PROJECT / "models"


def predictions(key: ModelKey) -> Path:
    folder = MODELS / "predictions" / key.modality.key
    return folder / f"{key.backbone.key}_{key.strategy.key}.csv"


def card(*, threshold: float, sensitive: float, slope: float, intercept: float) -> ModelCard:
    made = fake_card(KEY, threshold=threshold)
    point = replace(
        made.high_sensitivity, threshold=replace(made.high_sensitivity.threshold, value=sensitive)
    )
    calibration = replace(made.calibration, slope=slope, intercept=intercept)
    return replace(made, high_sensitivity=point, calibration=calibration)


def test_it_ends_where_the_calibrated_probability_is_even() -> None:
    band = band_of(card(threshold=0.4, sensitive=0.2, slope=2.0, intercept=-1.0))
    assert band.low == 0.2
    assert band.high == pytest.approx(0.6225, abs=1e-4)  # sigmoid(1 / 2)
    assert band.card.calibration.calibrated(band.high) == pytest.approx(0.5)
    assert "0.62 is where the calibrated probability reaches 0.5" in band.rule


def test_it_ends_at_the_threshold_where_that_is_higher() -> None:
    band = band_of(card(threshold=0.7, sensitive=0.2, slope=2.0, intercept=-1.0))
    assert (band.low, band.high) == (0.2, 0.7)
    assert "0.70 is the verdict's own threshold" in band.rule
    rule = " (highest threshold with sensitivity >= 0.90 on validation)"
    assert rule in band.rule
    assert band.place == band.rule.replace(rule, "")


def test_its_lower_end_belongs_to_it_and_its_upper_does_not() -> None:
    band = band_of(card(threshold=0.7, sensitive=0.2, slope=2.0, intercept=-1.0))
    assert 0.2 in band
    assert 0.6999 in band
    assert 0.1999 not in band
    assert 0.7 not in band


def test_it_may_be_empty() -> None:
    band = band_of(card(threshold=0.7, sensitive=0.7, slope=2.0, intercept=-1.0))
    assert not band
    assert 0.7 not in band
    assert band.experience(None) is None
    assert band.rule == (
        "This model never says Uncertain: below its threshold the verdict is "
        f"{band.card.labels[0]}, from there on {band.card.labels[1]}."
    )
    assert band.place == band.rule


@pytest.mark.parametrize(("slope", "intercept"), [(0.01, -40.0), (0.01, 40.0), (30.0, -2.0)])
def test_extreme_calibrations_give_a_band(slope: float, intercept: float) -> None:
    band = band_of(card(threshold=0.5, sensitive=0.3, slope=slope, intercept=intercept))
    assert 0.3 == band.low < 0.5 <= band.high <= 1.0


@pytest.mark.parametrize("calibrated", [0.1, 0.5, 0.83])
def test_the_inverse_undoes_the_calibration(calibrated: float) -> None:
    calibration = fake_card(KEY).calibration
    back = calibration.calibrated(calibration.model_probability(calibrated))
    assert back == pytest.approx(calibrated)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.5), (0.6, 0.5), (0.5, 1.1)])
def test_what_is_no_band_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="0 < low <= high <= 1"):
        Band(card=fake_card(KEY), low=low, high=high)


def said(*probabilities: float) -> Predictions:
    """What a model said of test images, the last of which is the only positive one."""
    count = len(probabilities)
    return Predictions(
        names=tuple(f"{number}.png" for number in range(count)),
        labels=np.array([0] * (count - 1) + [1], np.uint8),
        groups=np.array([str(number) for number in range(count)]),
        weights=np.ones(count),
        probabilities=np.array(probabilities),
    )


def test_test_images_inside_are_counted() -> None:
    band = band_of(card(threshold=0.7, sensitive=0.2, slope=2.0, intercept=-1.0))
    told = band.experience(said(0.1999, 0.2, 0.4, 0.7, 0.6999))
    assert told is not None
    assert told.replace("\u00a0", " ") == (
        "Of the 88 test images, 3 (3 %) fell into this band; abnormal regions among them: 1. "
        "Below it lay 1 of 29 abnormal regions."
    )


def test_without_predictions_only_those_below_are_told() -> None:
    band = band_of(card(threshold=0.4, sensitive=0.2, slope=2.0, intercept=-1.0))
    assert band.experience(None) == "Below it lay 1 of 29 abnormal regions of the test images."


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_the_count_is_that_of_the_published_predictions(key: ModelKey) -> None:
    models = ModelLoader(
        CheckpointStore(MODELS / "checkpoints"),
        opener=lambda _path: lambda _tensor: 0.5,
        predictions=PredictionStore(MODELS / "predictions"),
    )
    verdict = models.load(key).verdict(np.zeros((1, 224, 224, 3), np.float32))
    with predictions(key).open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["part"] == "test"]
    labels = [int(row["label"]) for row in rows if float(row["probability"]) in verdict.band]
    if not verdict.band:
        assert verdict.experience is None
        return
    assert verdict.experience is not None
    told = re.sub(r"[\u202f\u00a0]", "", verdict.experience)
    assert f"Of the {len(rows)} test images, {len(labels)} (" in told
    assert f"among them: {sum(labels)}." in told


def test_it_never_begins_above_the_threshold() -> None:
    band = band_of(card(threshold=0.3, sensitive=0.5, slope=2.0, intercept=-1.0))
    assert band.low == 0.3
