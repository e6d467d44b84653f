"""Every threshold of the published models, beside scikit-learn and SciPy."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sk

from models import checkpoint
from models.card import ModelCard
from models.catalogue import ModelKey, model_keys
from models.prediction_table import Predictions
from portal.prediction_store import PredictionStore
from portal.thresholds import THRESHOLDS, points
from tests.fakes import fake_card, write_predictions

ROOT = Path(__file__).parents[2]
KEY = model_keys()[0]


def published(key: ModelKey) -> tuple[ModelCard, PredictionStore]:
    card = checkpoint.read_card(ROOT / "models/checkpoints" / key.checkpoint)
    return card, PredictionStore(ROOT / "models/predictions")


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_every_measure_is_scikit_learns(key: ModelKey) -> None:
    card, store = published(key)
    parts, points = store.find(card), store.points(card)
    scores = {
        "accuracy": sk.accuracy_score,
        "precision": partial(sk.precision_score, zero_division=0),
        "recall": sk.recall_score,
        "specificity": partial(sk.recall_score, pos_label=0),
        "f1": sk.f1_score,
    }
    for threshold in THRESHOLDS[6::10]:
        for part, one in parts.items():
            called = (one.probabilities >= threshold).astype(int)
            for name, score in scores.items():
                value = points[threshold].metrics[part][name].value
                expected = score(one.labels.astype(int), called, sample_weight=one.weights)
                assert value == pytest.approx(expected, abs=6e-5), (threshold, part, name)
        called = parts["test"].probabilities >= threshold
        found = points[threshold].confusion
        counts = sk.confusion_matrix(parts["test"].labels, called, labels=[0, 1]).ravel()
        assert counts.tolist() == [
            found.true_negative,
            found.false_positive,
            found.false_negative,
            found.true_positive,
        ]


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_at_its_own_thresholds_a_card_speaks_for_itself(key: ModelKey) -> None:
    card, store = published(key)
    points = store.points(card)
    assert tuple(points) == THRESHOLDS
    assert points[card.threshold.value] == card.best_f1
    assert points[card.high_sensitivity.threshold.value].metrics == card.high_sensitivity.metrics


def test_shares_have_wilsons_intervals(tmp_path: Path) -> None:
    point = PredictionStore(write_predictions(tmp_path)).points(fake_card(KEY))[0.37]
    found, test = point.confusion, point.metrics["test"]
    assert (found.true_positive, found.false_positive) == (26, 19)
    for name, part, whole in (("recall", 26, 29), ("specificity", 40, 59), ("precision", 26, 45)):
        expected = binomtest(part, whole).proportion_ci(method="wilson")
        assert (test[name].low, test[name].high) == pytest.approx(tuple(expected), abs=6e-5)
    assert test["f1"].value == pytest.approx(2 * 26 / (2 * 26 + 19 + 3), abs=6e-5)
    assert point.threshold.validation_f1 == point.metrics["validation"]["f1"].value


def test_where_nothing_is_called_positive_nothing_is_known(tmp_path: Path) -> None:
    points = PredictionStore(write_predictions(tmp_path)).points(fake_card(KEY))
    precision = points[0.99].metrics["test"]["precision"]
    assert (precision.value, precision.low, precision.high) == (0.0, 0.0, 1.0)


def test_a_probability_that_equals_a_threshold_reaches_it() -> None:
    part = Predictions(
        names=("a", "b", "c", "d"),
        labels=np.array([0, 0, 1, 1], np.uint8),
        groups=np.array(["a", "b", "c", "d"]),
        weights=np.ones(4),
        probabilities=np.array([0.25, 0.5, 0.5, 0.75]),
    )
    found = points(fake_card(KEY), {"validation": part, "test": part})
    counts = {threshold: found[threshold].confusion for threshold in (0.5, 0.51, 0.75)}
    assert [each.true_positive for each in counts.values()] == [2, 1, 1]
    assert [each.false_positive for each in counts.values()] == [1, 0, 0]
