import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.card import POINT_METRICS
from models.catalogue import model_keys
from portal.exploration import exploration
from portal.prediction_store import PredictionStore
from tests.fakes import fake_card, write_predictions

KEY = model_keys()[0]
CARD = fake_card(KEY)


@pytest.fixture
def points(tmp_path: Path) -> PredictionStore:
    return PredictionStore(write_predictions(tmp_path, [KEY]))


def test_the_table_has_every_twentieth_and_the_cards_own(points: PredictionStore) -> None:
    rows = exploration(CARD, points.points(CARD), 0.1).rows
    thresholds = [row.threshold for row in rows]

    assert thresholds == sorted(thresholds)
    assert {each for each in thresholds if each not in (0.41, 0.205)} == {
        step / 20 for step in range(1, 20)
    }
    names = {row.threshold: row.name for row in rows if row.name}
    assert names == {0.41: "best-f1", 0.205: "high-sensitivity"}
    assert all(row.values.prevalence == 0.1 for row in rows)


def test_two_points_at_one_threshold_are_one_row(points: PredictionStore) -> None:
    same = replace(CARD, high_sensitivity=replace(CARD.best_f1, title="High sensitivity"))
    rows = exploration(same, points.points(CARD), 0.1).rows
    assert [row.name for row in rows if row.threshold == 0.41] == ["best-f1"]


def test_the_scripts_numbers_are_those_of_the_points(points: PredictionStore) -> None:
    every = points.points(CARD)
    data = json.loads(exploration(CARD, every, 0.1).data)

    assert data["metrics"] == list(POINT_METRICS)
    assert len(data["points"]) == 99
    for numbers, point in zip(data["points"], every.values(), strict=True):
        counts = point.confusion
        assert numbers[:4] == [
            counts.true_negative,
            counts.false_positive,
            counts.false_negative,
            counts.true_positive,
        ]
        estimates = [
            point.metrics[part][name] for part in ("test", "validation") for name in POINT_METRICS
        ]
        ends = [end for each in estimates for end in (each.value, each.low, each.high)]
        assert [number / 1_000_000 for number in numbers[4:]] == ends
