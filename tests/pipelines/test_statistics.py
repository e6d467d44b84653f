import tracemalloc

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as sk

from models.area_interval import area_interval
from models.card import METRICS
from pipelines import statistics
from pipelines.resampling import group_weights, interval
from pipelines.statistics import best_f1_threshold, estimates, sensitive_threshold


def case(seed: int, count: int = 90, *, skill: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and probabilities with ties that know something of them."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < 0.35).astype(int)
    labels[:2] = 0, 1
    return labels, np.round(skill * labels + (1 - skill) * random.random(count), 2)


def by_scikit_learn(
    labels: np.ndarray, probabilities: np.ndarray, threshold: float, weights: np.ndarray
) -> dict[str, float]:
    called = probabilities >= threshold
    plain = {"sample_weight": weights}
    quiet = {**plain, "zero_division": 0.0}
    return {
        "accuracy": sk.accuracy_score(labels, called, **plain),
        "precision": sk.precision_score(labels, called, **quiet),
        "recall": sk.recall_score(labels, called, **quiet),
        "specificity": sk.recall_score(labels, called, pos_label=0, **quiet),
        "f1": sk.f1_score(labels, called, **quiet),
        "roc_auc": sk.roc_auc_score(labels, probabilities, **plain),
        "pr_auc": sk.average_precision_score(labels, probabilities, **plain),
        "brier": sk.brier_score_loss(labels, probabilities, **plain),
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.01, 0.31, 0.5, 0.99])
def test_every_metric_is_that_of_scikit_learn(seed: int, threshold: float) -> None:
    labels, probabilities = case(seed)
    found = estimates(labels, probabilities, np.arange(90).astype(str), threshold, seed)
    expected = by_scikit_learn(labels, probabilities, threshold, np.ones(90))
    assert tuple(found) == METRICS == tuple(expected)
    for name, estimate in found.items():
        assert estimate.value == pytest.approx(expected[name], abs=5.1e-5), name


def test_resampled_metrics_are_those_of_scikit_learn_with_weights() -> None:
    labels, probabilities = case(3)
    weights = group_weights(labels, np.repeat(np.arange(30), 3), seed=3)[:25]
    found = statistics.all_metrics(labels, probabilities, 0.4, weights)
    for i, row in enumerate(weights):
        for name, value in by_scikit_learn(labels, probabilities, 0.4, row).items():
            assert found[name][i] == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_equal_probabilities_know_nothing(value: float) -> None:
    labels = np.array([0, 0, 0, 1])
    found = estimates(labels, np.full(4, value), np.array(list("abcd")), 0.5, 1)
    assert found["roc_auc"].value == 0.5
    assert found["pr_auc"].value == 0.25


def test_perfect_answers_score_one_whatever_is_drawn() -> None:
    labels = np.array([0, 1] * 20)
    found = estimates(labels, labels.astype(float), np.arange(40).astype(str), 0.5, 1)
    assert found["brier"].high == 0.0
    area = area_interval(labels, labels.astype(float))
    assert found["roc_auc"] == area
    assert area.low < 0.95
    trials = {"accuracy": 40, "precision": 20, "recall": 20, "specificity": 20, "pr_auc": 20}
    for name, count in trials.items():
        low = binomtest(count, count).proportion_ci(method="wilson").low
        assert (found[name].value, found[name].high) == (1.0, 1.0)
        assert found[name].low == pytest.approx(low, abs=1e-4)
    hits = binomtest(20, 20).proportion_ci(method="wilson").low
    assert (found["f1"].value, found["f1"].high) == (1.0, 1.0)
    assert found["f1"].low == pytest.approx(2 * hits / (1 + hits), abs=1e-4)


def test_perfect_answers_of_few_groups_are_less_sure_than_those_of_many() -> None:
    labels = np.array([0, 1] * 20)
    many = estimates(labels, labels.astype(float), np.arange(40), 0.5, 1)
    few = estimates(labels, labels.astype(float), np.arange(40) // 8, 0.5, 1)
    for name in METRICS[:-1]:
        assert few[name].low < many[name].low < 1.0, name


def test_draws_in_which_nothing_is_called_have_no_precision() -> None:
    """Two groups of fifty are called, both rightly and one wrongly too: never less than half."""
    labels = np.array([1, 1, 0] + [0, 1] * 24)
    probabilities = np.array([0.9] * 3 + [0.1] * 48)
    groups = np.array([0, 1, 1, *range(2, 50)])
    found = estimates(labels, probabilities, groups, 0.5, 1)["precision"]
    assert found.value == pytest.approx(2 / 3, abs=1e-6)
    assert (found.low, found.high) == (0.5, 1.0)


def test_a_share_of_nothing_has_an_interval_too() -> None:
    labels, probabilities = np.array([0, 1] * 10), np.zeros(20)
    found = estimates(labels, probabilities, np.arange(20) // 2, 0.5, 1)
    high = binomtest(0, 10).proportion_ci(method="wilson").high
    assert (found["recall"].value, found["recall"].low) == (0.0, 0.0)
    assert found["recall"].high == pytest.approx(high, abs=1e-4)
    nothing_called = found["precision"]
    assert (nothing_called.low, nothing_called.high) == (0.0, 1.0)


def test_a_single_group_tells_next_to_nothing_of_a_share() -> None:
    labels = np.array([1] * 8 + [0] * 8)
    probabilities = np.where(np.arange(16) % 4 == 0, 0.1, 0.9)
    groups = np.array(["a"] * 8 + list("bcdefghi"))
    found = estimates(labels, probabilities, groups, 0.5, 1)["recall"]
    assert found.value == 0.75
    assert found.low < 0.25
    assert found.high > 0.95


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_their_value_in_a_healthy_case(seed: int) -> None:
    labels, probabilities = case(seed, 120)
    for name, found in estimates(labels, probabilities, np.arange(120), 0.45, seed).items():
        assert found.low < found.value < found.high, name
        assert found.high - found.low < 0.4


def test_intervals_have_the_width_that_theory_tells() -> None:
    labels, probabilities = case(1, 400)
    found = estimates(labels, probabilities, np.arange(400), 0.45, 1)["accuracy"]
    expected = 2 * 1.96 * np.sqrt(found.value * (1 - found.value) / 400)
    assert found.high - found.low == pytest.approx(expected, rel=0.1)


def test_fewer_groups_make_wider_intervals() -> None:
    labels, probabilities = case(1, 120)
    order = np.lexsort((probabilities, labels))  # like images lie in one group
    widths = []
    for size in (1, 6):
        groups = np.empty(120, int)
        groups[order] = np.arange(120) // size
        found = estimates(labels, probabilities, groups, 0.45, 1)
        widths.append({name: item.high - item.low for name, item in found.items()})
    alone, together = widths
    for name in ("accuracy", "recall", "specificity", "f1", "roc_auc"):
        assert together[name] > 1.3 * alone[name], name


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    labels, probabilities = case(2)
    groups = np.arange(90) // 2
    first = estimates(labels, probabilities, groups, 0.4, 7)
    assert estimates(labels, probabilities, groups, 0.4, 7) == first
    assert estimates(labels, probabilities, groups, 0.4, 8) != first


def scores_by_scikit_learn(labels: np.ndarray, probabilities: np.ndarray) -> dict[int, float]:
    return {
        percent: float(sk.f1_score(labels, probabilities >= percent / 100, zero_division=0.0))
        for percent in range(1, 100)
    }


@pytest.mark.parametrize("seed", range(12))
def test_the_threshold_is_in_the_middle_of_the_widest_row_of_the_best(seed: int) -> None:
    labels, probabilities = case(seed, 25 if seed % 2 else 60, skill=0.1 + 0.05 * seed)
    scores = scores_by_scikit_learn(labels, probabilities)
    value, f1 = best_f1_threshold(labels, probabilities)
    assert f1 == max(scores.values())
    rows = "".join("x" if scores[percent] == f1 else " " for percent in range(1, 100))
    widest = max(rows.split(), key=len)
    first = 1 + rows.index(widest)
    assert first <= round(100 * value) < first + len(widest)
    assert round(100 * value) == pytest.approx(first + (len(widest) - 1) / 2, abs=0.5)


def test_of_two_best_rows_the_wider_one_is_taken() -> None:
    labels = np.array([0, 1, 0, 0, 1, 0, 1])
    probabilities = np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9, 0.95])
    scores = scores_by_scikit_learn(labels, probabilities)
    best = [percent for percent, score in scores.items() if score == max(scores.values())]
    assert best == [*range(11, 21), *range(41, 81)]
    assert best_f1_threshold(labels, probabilities) == (0.61, pytest.approx(2 / 3))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("sensitivity", [0.5, 0.9, 1.0])
def test_the_sensitive_threshold_is_the_highest_that_finds_enough(
    seed: int, sensitivity: float
) -> None:
    labels, probabilities = case(seed)
    value, f1, reached = sensitive_threshold(labels, probabilities, sensitivity, 0.99)
    recalls = {
        percent: sk.recall_score(labels, probabilities >= percent / 100)
        for percent in range(1, 100)
    }
    enough = [percent for percent, recall in recalls.items() if recall >= sensitivity]
    assert reached is bool(enough)
    assert round(100 * value) == max(enough, default=1)
    assert f1 == sk.f1_score(labels, probabilities >= value)


def test_nine_of_ten_are_enough_for_a_sensitivity_of_nine_tenths() -> None:
    labels = np.ones(10, int)
    probabilities = np.array([0.2, *[0.6] * 9])
    assert sensitive_threshold(labels, probabilities, 0.9, 0.99) == (
        0.6,
        pytest.approx(18 / 19),
        True,
    )


def test_the_sensitive_threshold_does_not_pass_the_one_it_stands_beside() -> None:
    labels, probabilities = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9])
    assert sensitive_threshold(labels, probabilities, 0.9, 0.99) == (0.8, 1.0, True)
    assert sensitive_threshold(labels, probabilities, 0.9, 0.51) == (0.51, 1.0, True)
    assert sensitive_threshold(labels, probabilities, 0.9, 0.15) == (0.15, 0.8, True)


def test_where_no_threshold_is_sensitive_enough_the_lowest_one_is_taken() -> None:
    labels, probabilities = np.array([0, 0, 1, 1]), np.array([0.0, 0.3, 0.004, 0.8])
    assert sensitive_threshold(labels, probabilities, 0.9, 0.99) == (0.01, 0.5, False)


def counted_again(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, probabilities and weights of 1 to 6 sixths; and how many sixths each has."""
    labels, probabilities = case(seed, 40)
    times = np.random.default_rng(seed).integers(1, 7, len(labels))
    return labels, probabilities, (times / 6).astype(np.float32).astype(float), times


@pytest.mark.parametrize("seed", range(12))
def test_a_weight_counts_as_an_image_repeated_does(seed: int) -> None:
    labels, probabilities, weights, times = counted_again(seed)
    many, often = np.repeat(labels, times), np.repeat(probabilities, times)
    value, f1 = best_f1_threshold(labels, probabilities, weights)
    assert (value, pytest.approx(f1)) == best_f1_threshold(many, often)
    value, f1, reached = sensitive_threshold(labels, probabilities, 0.9, 0.99, weights)
    assert (value, pytest.approx(f1), reached) == sensitive_threshold(many, often, 0.9, 0.99)


@pytest.mark.parametrize("seed", range(3))
def test_weighted_metrics_are_those_of_scikit_learn(seed: int) -> None:
    labels, probabilities, weights, times = counted_again(seed)
    groups = np.arange(len(labels)) // 2
    found = estimates(labels, probabilities, groups, 0.45, seed, weights)
    called = probabilities >= 0.45
    expected = {
        "recall": sk.recall_score(labels, called, sample_weight=weights),
        "f1": sk.f1_score(labels, called, sample_weight=weights),
        "roc_auc": sk.roc_auc_score(labels, probabilities, sample_weight=weights),
        "brier": sk.brier_score_loss(labels, probabilities, sample_weight=weights),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-5)
    repeated = (np.repeat(each, times) for each in (labels, probabilities, groups))
    again = estimates(*repeated, 0.45, seed)
    for name, one in again.items():
        assert (found[name].low, found[name].high) == pytest.approx((one.low, one.high), abs=1e-5)


def test_intervals_of_many_images_are_those_of_all_draws_at_once() -> None:
    labels, probabilities = case(4, 5000)
    groups, weights = np.arange(5000) // 4, np.tile([1.0, 0.25], 2500)
    found = estimates(labels, probabilities, groups, 0.45, 2, weights)
    drawn = group_weights(labels, groups, 2) * weights
    whole = statistics.all_metrics(labels, probabilities, 0.45, drawn)
    for name, draws in whole.items():
        low, high = interval(draws)
        assert (found[name].low, found[name].high) == (round(low, 6), round(high, 6)), name


def test_useless_probabilities_still_get_a_threshold() -> None:
    value, f1 = best_f1_threshold(np.array([0, 1]), np.zeros(2))
    assert 0 < value < 1
    assert f1 == 0.0


def test_the_grid_is_that_of_the_rule() -> None:
    assert statistics.GRID.tolist() == [percent / 100 for percent in range(1, 100)]


def test_intervals_of_many_images_leave_memory_to_others() -> None:
    """All draws at once take 320 MB, and that several times over."""
    labels, probabilities = case(5, 20_000)
    tracemalloc.start()
    try:
        estimates(labels, probabilities, np.arange(20_000) // 4, 0.45, 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 400e6
