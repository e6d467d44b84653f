import dataclasses

import numpy as np
import pytest
from sklearn import metrics as sk

from models.card import METRICS, POINT_METRICS, Threshold
from models.prediction_table import Predictions
from pipelines.curves import decision
from pipelines.evaluator import MISSED_RULE, RULE, SENSITIVE_RULE, Evaluator


class Brightness:
    """A stand-in for a network: the probability is the mean of an image."""

    def __call__(self, images: np.ndarray, *, training: bool) -> np.ndarray:
        assert not training
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


def part(seed: int, *, dense: bool = True) -> Predictions:
    """60 images of 30 groups; the dense network answers better."""
    random = np.random.default_rng(seed)
    labels = np.array([0, 0, 1] * 20, np.uint8)
    return Predictions(
        names=tuple(map(str, range(60))),
        labels=labels,
        weights=np.ones(60),
        groups=np.repeat(np.arange(30), 2).astype(str),
        probabilities=0.2 * labels + 0.8 * random.random(60),
        dense=0.5 * labels + 0.5 * random.random(60) if dense else None,
    )


def test_probabilities_come_in_the_order_of_the_batches() -> None:
    found = Evaluator.probabilities(Brightness(), Batches())
    assert found.dtype == np.float64
    assert found == pytest.approx(Batches.values)


def test_the_threshold_carries_its_rule_and_its_f1() -> None:
    found = Evaluator.threshold(LABELS, PROBABILITIES)
    assert found.rule == RULE
    assert found.validation_f1 == round(sk.f1_score(LABELS, found.value <= PROBABILITIES), 6)


def test_the_sensitive_threshold_carries_its_rule_and_its_f1() -> None:
    found = Evaluator.sensitive_threshold(LABELS, PROBABILITIES, 0.99)
    assert (found.value, found.rule) == (0.3, SENSITIVE_RULE)
    assert found.validation_f1 == round(sk.f1_score(LABELS, PROBABILITIES >= 0.3), 6)
    assert "0.90" in SENSITIVE_RULE


def test_a_rule_that_could_not_be_followed_says_so() -> None:
    found = Evaluator.sensitive_threshold(LABELS, PROBABILITIES / 100, 0.99)
    assert (found.value, found.rule) == (0.01, MISSED_RULE)
    assert "none reaches" in MISSED_RULE


def test_every_metric_is_there_at_the_threshold() -> None:
    cut = Threshold(value=0.5, rule="", validation_f1=0)
    found = Evaluator(seed=1).metrics(LABELS, PROBABILITIES, np.arange(8), cut)
    assert tuple(found) == METRICS
    assert found["recall"].value == sk.recall_score(LABELS, PROBABILITIES >= 0.5)
    assert Evaluator(seed=1).metrics(LABELS, PROBABILITIES, np.arange(8), cut) == found


def test_choices_are_made_for_each_network_on_its_own() -> None:
    found = Evaluator(seed=1).choose(part(1))
    plain = Evaluator(seed=1).choose(part(1, dense=False))
    assert found.dense_threshold == Evaluator.threshold(part(1).labels, part(1).dense).value
    assert plain == Evaluator(seed=1).choose(part(1, dense=False))
    assert plain.dense_threshold == plain.threshold.value


def test_the_sensitive_threshold_finds_no_less_than_the_other_one() -> None:
    easy = dataclasses.replace(part(1), probabilities=0.3 + 0.4 * part(1).labels)
    found = Evaluator(seed=1).choose(easy)
    assert found.high_sensitivity.value == found.threshold.value == pytest.approx(0.5, abs=0.02)


def test_a_rule_says_where_several_images_count_as_one() -> None:
    single = part(1)
    doubled = dataclasses.replace(single, weights=np.full(60, 0.5))
    once, again = (Evaluator(seed=1).choose(each) for each in (single, doubled))
    for name in ("threshold", "high_sensitivity"):
        one, half = getattr(once, name), getattr(again, name)
        assert (half.value, half.validation_f1) == (one.value, one.validation_f1)
        assert half.rule == f"{one.rule}; there all crops of a finding count as one together"


def test_a_judgement_is_of_the_test_images_at_what_was_chosen() -> None:
    evaluator, test = Evaluator(seed=1), part(2)
    choices = evaluator.choose(part(1))
    found = evaluator.judge(choices, part(1), test)
    cut = choices.threshold.value
    assert found.threshold == choices.threshold
    assert found.metrics["test"]["f1"].value == pytest.approx(
        sk.f1_score(test.labels, test.probabilities >= cut), abs=1e-4
    )
    assert found.metrics["validation"]["f1"].value == choices.threshold.validation_f1
    assert list(dataclasses.asdict(found.confusion).values()) == (
        sk.confusion_matrix(test.labels, test.probabilities >= cut).ravel().tolist()
    )


def test_the_sensitive_point_is_judged_as_the_other_one() -> None:
    evaluator, test = Evaluator(seed=1), part(3)
    choices = evaluator.choose(part(2))
    point = evaluator.judge(choices, part(2), test).high_sensitivity
    cut = choices.high_sensitivity.value
    assert cut < choices.threshold.value
    assert point.threshold == choices.high_sensitivity
    assert point.metrics["validation"]["recall"].value >= 0.9
    for name in POINT_METRICS:
        whole = evaluator.metrics(test.labels, test.probabilities, test.groups, point.threshold)
        assert point.metrics["test"][name] == whole[name]
    assert list(dataclasses.asdict(point.confusion).values()) == (
        sk.confusion_matrix(test.labels, test.probabilities >= cut).ravel().tolist()
    )


def test_calibration_is_fitted_on_validation_and_judged_on_test() -> None:
    evaluator, test = Evaluator(seed=1), part(2)
    found = evaluator.judge(evaluator.choose(part(1)), part(1), test)
    after = np.array([found.calibration.calibrated(p) for p in test.probabilities])
    brier = sk.brier_score_loss(test.labels, after)
    assert found.calibration.brier.value == pytest.approx(brier, abs=1e-4)
    assert found.calibration.brier.low < brier < found.calibration.brier.high
    assert sum(found.calibration.before.count) == sum(found.calibration.after.count) == 60
    assert np.average(found.calibration.after.predicted, weights=found.calibration.after.count) == (
        pytest.approx(after.mean(), abs=1e-4)
    )
    assert found.decision == decision(test.labels, after)
    other = evaluator.judge(evaluator.choose(part(3)), part(3), test)
    assert other.calibration.slope != found.calibration.slope
    assert other.calibration.before == found.calibration.before


def test_the_dense_network_is_judged_at_its_own_threshold() -> None:
    evaluator, test = Evaluator(seed=1), part(2)
    choices = evaluator.choose(part(1))
    expected = sk.f1_score(test.labels, test.dense >= choices.dense_threshold)
    assert evaluator.judge(choices, part(1), test).dense_f1 == pytest.approx(expected, abs=1e-4)
    plain = evaluator.choose(part(1, dense=False))
    assert evaluator.judge(plain, part(1, dense=False), part(2, dense=False)).dense_f1 is None
