import numpy as np
import pytest
from sklearn import metrics as sk

from pipelines.curves import ACT_FROM, decision, precision_recall, roc

LABELS = np.array([0, 1, 0, 1, 1, 0, 1, 0], np.uint8)
PROBABILITIES = np.array([0.2, 0.9, 0.4, 0.6, 0.3, 0.3, 0.7, 0.1])


def case(seed: int, count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities with ties that know something of them."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < 0.35).astype(np.uint8)
    return labels, np.round(0.3 * labels + 0.7 * random.random(count), 2)


def test_the_roc_is_that_of_scikit_learn_from_corner_to_corner() -> None:
    found = roc(LABELS, PROBABILITIES)
    corners = list(zip(found.false_positive_rate, found.true_positive_rate, strict=True))
    assert corners[0] == (0.0, 0.0)
    assert corners[-1] == (1.0, 1.0)
    area = sk.auc(found.false_positive_rate, found.true_positive_rate)
    assert area == pytest.approx(sk.roc_auc_score(LABELS, PROBABILITIES))
    assert found.thresholds[0] == 1.01
    assert list(found.thresholds) == sorted(found.thresholds, reverse=True)


@pytest.mark.parametrize("seed", range(4))
def test_the_precision_recall_curve_holds_its_area(seed: int) -> None:
    labels, probabilities = case(seed)
    found = precision_recall(labels, probabilities)
    assert (found.recall[0], found.precision[0]) == (0.0, 1.0)
    assert found.recall[-1] == 1.0
    assert list(found.recall) == sorted(found.recall)
    steps = np.sum(np.diff(found.recall) * found.precision[1:])
    assert steps == pytest.approx(sk.average_precision_score(labels, probabilities), abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_every_point_of_the_precision_recall_curve_is_one_of_a_threshold(seed: int) -> None:
    labels, probabilities = case(seed)
    found = precision_recall(labels, probabilities)
    points = {
        (
            round(sk.recall_score(labels, probabilities >= cut), 5),
            round(sk.precision_score(labels, probabilities >= cut), 5),
        )
        for cut in np.unique(probabilities)
    }
    assert set(zip(found.recall[1:], found.precision[1:], strict=True)) <= points


@pytest.mark.parametrize("seed", range(3))
def test_net_benefit_is_that_of_its_source(seed: int) -> None:
    labels, calibrated = case(seed)
    found = decision(labels, calibrated)
    assert found.threshold == tuple(percent / 100 for percent in range(5, 81))
    for cut, model, everyone in zip(found.threshold, found.model, found.act_on_all, strict=True):
        _, fp, _, tp = sk.confusion_matrix(labels, calibrated >= cut).ravel()
        assert model == pytest.approx(tp / 120 - fp / 120 * cut / (1 - cut), abs=1e-5)
        share = labels.mean()
        assert everyone == pytest.approx(share - (1 - share) * cut / (1 - cut), abs=1e-5)


def test_a_model_without_a_mistake_is_worth_the_share_of_positive_images() -> None:
    found = decision(LABELS, LABELS.astype(float))
    assert set(found.model) == {0.5}


def test_a_probability_equal_to_the_threshold_is_acted_on() -> None:
    assert decision(np.array([1, 0]), np.array([0.3, 0.0])).model[25] == 0.5
    assert ACT_FROM[25] == 0.3


def test_a_model_that_never_acts_has_no_benefit() -> None:
    assert set(decision(LABELS, np.zeros(8)).model) == {0.0}
