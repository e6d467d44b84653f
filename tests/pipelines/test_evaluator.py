import numpy as np
import pytest
from sklearn import metrics as sk

from models.card import METRICS, Threshold
from pipelines.evaluator import RULE, Evaluator


class Brightness:
    """A stand-in for a network: the probability is the mean of an image."""

    def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
        return images.mean(axis=(1, 2, 3), keepdims=True)[:, :, 0, 0].astype(np.float32)


class Batches:
    """Three batches, the last one shorter."""

    values = (0.1, 0.7, 0.2, 0.9, 0.4)

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.values[2 * index : 2 * index + 2]
        return np.stack([np.full((4, 4, 3), value) for value in chosen]), np.zeros((len(chosen), 1))


LABELS = np.array([0, 1, 0, 1, 1, 0, 1, 0], np.uint8)
PROBABILITIES = np.array([0.2, 0.9, 0.4, 0.6, 0.3, 0.3, 0.7, 0.1])


def test_probabilities_come_in_the_order_of_the_batches() -> None:
    found = Evaluator.probabilities(Brightness(), Batches())
    assert found.dtype == np.float64
    assert found == pytest.approx(Batches.values)


def test_the_threshold_carries_its_rule_and_its_f1() -> None:
    found = Evaluator.threshold(LABELS, PROBABILITIES)
    assert found.rule == RULE
    assert found.validation_f1 == round(sk.f1_score(LABELS, found.value <= PROBABILITIES), 4)


def test_a_probability_equal_to_the_threshold_is_positive() -> None:
    found = Evaluator.confusion(
        LABELS, PROBABILITIES, Threshold(value=0.3, rule="", validation_f1=0)
    )
    assert (found.true_positive, found.false_positive) == (4, 2)
    assert (found.true_negative, found.false_negative) == (2, 0)


def test_every_metric_is_there_at_the_threshold() -> None:
    cut = Threshold(value=0.5, rule="", validation_f1=0)
    found = Evaluator(seed=1).metrics(LABELS, PROBABILITIES, np.arange(8), cut)
    assert tuple(found) == METRICS
    assert found["recall"].value == sk.recall_score(LABELS, PROBABILITIES >= 0.5)
    assert Evaluator(seed=1).metrics(LABELS, PROBABILITIES, np.arange(8), cut) == found


def test_the_curve_is_that_of_scikit_learn_from_corner_to_corner() -> None:
    found = Evaluator.roc(LABELS, PROBABILITIES)
    corners = list(zip(found.false_positive_rate, found.true_positive_rate, strict=True))
    assert corners[0] == (0.0, 0.0)
    assert corners[-1] == (1.0, 1.0)
    area = sk.auc(found.false_positive_rate, found.true_positive_rate)
    assert area == pytest.approx(sk.roc_auc_score(LABELS, PROBABILITIES))
    assert found.thresholds[0] == 1.01
    assert list(found.thresholds) == sorted(found.thresholds, reverse=True)
