import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from models.card import ModelCard
from models.catalogue import ModelKey, model_keys
from portal.checkpoint_store import CheckpointStore
from portal.settings import PROJECT
from portal.uncertainty import Band, Count, band_of, images_inside, model_probability
from tests.fakes import fake_card

KEY = model_keys()[0]
PREDICTIONS = PROJECT / "models" / "predictions"


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
    assert band.experience is None
    assert "no band of uncertainty" in band.rule
    assert band.place == band.rule


@pytest.mark.parametrize(("slope", "intercept"), [(0.01, -40.0), (0.01, 40.0), (30.0, -2.0)])
def test_extreme_calibrations_give_a_band(slope: float, intercept: float) -> None:
    band = band_of(card(threshold=0.5, sensitive=0.3, slope=slope, intercept=intercept))
    assert 0.3 == band.low < 0.5 <= band.high <= 1.0


@pytest.mark.parametrize("calibrated", [0.1, 0.5, 0.83])
def test_the_inverse_undoes_the_calibration(calibrated: float) -> None:
    calibration = fake_card(KEY).calibration
    back = calibration.calibrated(model_probability(calibration, calibrated))
    assert back == pytest.approx(calibrated)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.5), (0.6, 0.5), (0.5, 1.1)])
def test_what_is_no_band_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="0 < low <= high <= 1"):
        Band(card=fake_card(KEY), low=low, high=high)


def test_images_between_two_operating_points_are_counted_exactly() -> None:
    band = band_of(card(threshold=0.7, sensitive=0.2, slope=2.0, intercept=-1.0))
    inside = images_inside(band)
    assert inside.all == Count(least=17, most=17)  # 28 + 27 called positive, less 26 + 12
    assert inside.positive == Count(least=2, most=2)
    assert band.experience is not None
    assert band.experience.replace("\u00a0", " ") == (
        "Of the 88 test images, 17 (19 %) fell into this band; abnormal regions among them: 2. "
        "Below it lay 1 of 29 abnormal regions."
    )


def test_what_the_curve_cannot_tell_is_told_within_bounds() -> None:
    experience = band_of(card(threshold=0.4, sensitive=0.2, slope=2.0, intercept=-1.0)).experience
    assert experience is not None
    assert re.search(
        r"images, at least \d+ and at most \d+ \(\d+ to \d+\s%\) fell into this band", experience
    )


def test_no_more_images_reach_its_end_than_the_threshold_below() -> None:
    made = card(threshold=0.4, sensitive=0.2, slope=2.0, intercept=-1.0)
    point = replace(made.confusion, true_negative=54, false_positive=5)
    few = images_inside(band_of(replace(made, confusion=point)))
    assert few.positive == images_inside(band_of(made)).positive
    assert few.all.least == images_inside(band_of(made)).all.least + 7  # of 12 alarms


def predictions(key: ModelKey) -> Path:
    return PREDICTIONS / key.modality.key / f"{key.backbone.key}_{key.strategy.key}.csv"


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_the_count_agrees_with_the_published_predictions(key: ModelKey) -> None:
    band = band_of(CheckpointStore(PROJECT / "models" / "checkpoints").find(key).card)
    with predictions(key).open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["part"] == "test"]
    labels = [int(row["label"]) for row in rows if float(row["probability"]) in band]
    inside = images_inside(band)
    assert inside.all.least <= len(labels) <= inside.all.most
    assert inside.positive.least <= sum(labels) <= inside.positive.most


def test_it_never_begins_above_the_threshold() -> None:
    band = band_of(card(threshold=0.3, sensitive=0.5, slope=2.0, intercept=-1.0))
    assert band.low == 0.3
