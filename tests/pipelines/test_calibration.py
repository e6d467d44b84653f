import dataclasses

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from models.card import EPSILON, Calibration, Estimate
from pipelines.calibration import (
    METHOD,
    MIN_SLOPE,
    Platt,
    bins_for,
    fit_platt,
    reliability,
)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def miscalibrated(
    seed: int, count: int, *, slope: float = 0.5, intercept: float = -1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities whose right calibration is this one."""
    random = np.random.default_rng(seed)
    logits = random.normal(0.5, 2.5, count)
    labels = (random.random(count) < sigmoid(slope * logits + intercept)).astype(np.uint8)
    labels[:2] = 0, 1
    return labels, sigmoid(logits)


def by_scikit_learn(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Platt's targets as weights: every image once as positive and once as negative."""
    positives, negatives = int(labels.sum()), int((labels == 0).sum())
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    x = np.log(probabilities / (1 - probabilities))
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    model.fit(
        np.tile(x, 2)[:, None],
        np.repeat([1, 0], len(x)),
        sample_weight=np.concatenate((targets, 1 - targets)),
    )
    return float(model.coef_[0, 0]), float(model.intercept_[0])


@pytest.mark.parametrize("count", [20, 90, 800])
@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_that_of_scikit_learn(seed: int, count: int) -> None:
    labels, probabilities = miscalibrated(seed, count)
    found = fit_platt(labels, probabilities)
    slope, intercept = by_scikit_learn(labels, probabilities)
    assert found.slope == pytest.approx(max(slope, MIN_SLOPE), abs=1e-4)
    assert found.intercept == pytest.approx(intercept, abs=1e-4)


def test_a_weight_counts_as_an_image_repeated_does() -> None:
    labels, probabilities = miscalibrated(5, 60)
    times = np.random.default_rng(5).integers(1, 5, 60)
    found = fit_platt(labels, probabilities, times.astype(float))
    again = fit_platt(np.repeat(labels, times), np.repeat(probabilities, times))
    assert found.slope == pytest.approx(again.slope, abs=1e-4)
    assert found.intercept == pytest.approx(again.intercept, abs=1e-4)


def test_the_fit_finds_what_the_labels_were_drawn_with() -> None:
    labels, probabilities = miscalibrated(1, 20_000, slope=0.6, intercept=-0.8)
    found = fit_platt(labels, probabilities)
    assert found.slope == pytest.approx(0.6, abs=0.03)
    assert found.intercept == pytest.approx(-0.8, abs=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_calibration_mends_what_was_wrong_on_other_images(seed: int) -> None:
    labels, probabilities = miscalibrated(seed, 200)
    fitted = fit_platt(labels, probabilities)
    others, said = miscalibrated(seed + 100, 2000)
    mended = fitted.calibrated(said)
    assert reliability(others, mended).expected_error < reliability(others, said).expected_error / 2
    assert brier_score_loss(others, mended) < brier_score_loss(others, said)
    assert roc_auc_score(others, mended) == roc_auc_score(others, said)


def test_labels_that_are_separated_give_a_finite_fit() -> None:
    labels = np.repeat([0, 1], 10)
    found = fit_platt(labels, np.where(labels == 1, 0.8, 0.3))
    assert 0.5 < found.slope < 20
    high, low = found.calibrated(np.array([0.8, 0.3]))
    assert high == pytest.approx(11 / 12, abs=1e-3)  # Platt's targets
    assert low == pytest.approx(1 / 12, abs=1e-3)


@pytest.mark.parametrize("certain", [0.0, EPSILON])
def test_probabilities_of_zero_and_one_give_a_finite_fit(certain: float) -> None:
    labels = np.repeat([0, 1], 10)
    found = fit_platt(labels, np.where(labels == 1, 1.0 - certain, certain))
    assert 0 < found.slope < 1
    assert np.isfinite(found.intercept)


def test_a_model_that_is_upside_down_keeps_its_order() -> None:
    labels, probabilities = miscalibrated(1, 300)
    found = fit_platt(labels, 1 - probabilities)
    assert found.slope == MIN_SLOPE
    share = (labels.sum() + 1 - labels.mean()) / (len(labels) + 2)  # nothing but the prevalence
    assert found.calibrated(np.array([0.5])) == pytest.approx(share, abs=0.01)
    assert np.all(np.diff(found.calibrated(np.linspace(0, 1, 50)[1:-1])) > 0)


def test_equal_probabilities_become_the_share_of_positive_images() -> None:
    labels = np.array([1] * 30 + [0] * 70)
    found = fit_platt(labels, np.full(100, 0.9))
    assert found.slope >= MIN_SLOPE
    assert found.calibrated(np.array([0.9])) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("platt", [Platt(slope=0.7, intercept=-0.4), Platt(slope=90, intercept=9)])
def test_the_card_calibrates_as_it_was_fitted(platt: Platt) -> None:
    probabilities = np.array([0.0, 1e-9, 0.02, 0.3, 0.5, 0.9, 1.0])
    bins = reliability(np.array([0, 0, 0, 1, 0, 1, 1]), probabilities)
    card = Calibration(
        method=METHOD,
        **dataclasses.asdict(platt),
        brier=Estimate(value=0.1, low=0.1, high=0.1),
        before=bins,
        after=bins,
    )
    found = platt.calibrated(probabilities)
    assert [card.calibrated(p) for p in probabilities] == pytest.approx(found.tolist(), abs=1e-12)
    assert np.all((found >= 0) & (found <= 1))


@pytest.mark.parametrize("count", [43, 88, 400])
@pytest.mark.parametrize("seed", range(3))
def test_bins_are_those_of_scikit_learn(seed: int, count: int) -> None:
    labels, probabilities = miscalibrated(seed, count)
    found = reliability(labels, probabilities)
    observed, predicted = calibration_curve(
        labels, probabilities, n_bins=bins_for(count), strategy="quantile"
    )
    assert found.observed == pytest.approx(observed.tolist(), abs=1e-5)
    assert found.predicted == pytest.approx(predicted.tolist(), abs=1e-5)
    assert sum(found.count) == count
    assert max(found.count) - min(found.count) <= 1
    off = np.average(np.abs(observed - predicted), weights=found.count)
    assert found.expected_error == pytest.approx(off, abs=1e-4)


@pytest.mark.parametrize("count", range(60, 100))
def test_calibration_leaves_every_image_in_its_bin(count: int) -> None:
    labels, probabilities = miscalibrated(count, count)
    before = reliability(labels, probabilities)
    after = reliability(labels, Platt(slope=2.3, intercept=-2.1).calibrated(probabilities))
    assert (before.count, before.observed) == (after.count, after.observed)


def test_equal_probabilities_share_a_bin() -> None:
    labels = np.array([0, 1, 0, 1, 1, 0, 0, 0])
    found = reliability(labels, np.array([0.2] * 5 + [0.7] * 3))
    assert found.predicted == (0.2, 0.7)
    assert found.observed == (0.6, 0.0)
    assert found.count == (5, 3)
    assert found.expected_error == pytest.approx((5 * 0.4 + 3 * 0.7) / 8, abs=1e-4)


@pytest.mark.parametrize(("count", "bins"), [(2, 5), (43, 5), (72, 6), (88, 7), (96, 8), (5000, 8)])
def test_more_images_make_more_bins(count: int, bins: int) -> None:
    assert bins_for(count) == bins
