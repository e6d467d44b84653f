import math

import numpy as np
import pytest
from sklearn import metrics as sk

from models.paired_areas import delong, delong_by_groups
from pipelines.comparison import Difference, compare
from pipelines.resampling import group_weights, interval
from pipelines.statistics import all_metrics
from tests.paired_scores import case


@pytest.mark.parametrize("seed", range(3))
def test_differences_are_those_of_scikit_learn(seed: int) -> None:
    labels, first, second = case(seed)
    found = compare(labels, np.arange(60), first, second, (0.5, 0.4), seed)
    auc = sk.roc_auc_score(labels, first) - sk.roc_auc_score(labels, second)
    f1 = sk.f1_score(labels, first >= 0.5) - sk.f1_score(labels, second >= 0.4)
    assert found.auc_difference.value == pytest.approx(auc)
    assert found.f1_difference.value == pytest.approx(f1)
    by_group = delong_by_groups(labels, np.arange(60), first, second).p
    assert found.p_auc == max(delong(labels, first, second).p, by_group)
    for each in (found.auc_difference, found.f1_difference):
        assert each.low < each.value < each.high


def test_the_interval_of_independent_images_is_as_wide_as_delong_says() -> None:
    labels, first, second = case(5, 500, skills=(0.4, 0.36))
    found = compare(labels, np.arange(500), first, second, (0.5, 0.5), 1).auc_difference
    z = abs(found.value) / ((found.high - found.low) / 2 / 1.96)
    assert math.erfc(z / math.sqrt(2)) == pytest.approx(delong(labels, first, second).p, abs=0.03)


def test_a_better_model_is_told_apart_and_an_equal_one_is_not() -> None:
    labels, first, second = case(1, 300, skills=(0.6, 0.1))
    better = compare(labels, np.arange(300), first, second, (0.5, 0.5), 1)
    worse = compare(labels, np.arange(300), second, first, (0.5, 0.5), 1)
    assert better.told_apart
    assert worse.told_apart
    assert better.auc_difference.value == -worse.auc_difference.value > 0
    same = compare(labels, np.arange(300), first, first, (0.5, 0.5), 1)
    assert not same.told_apart
    assert same.auc_difference == Difference(value=0.0, low=0.0, high=0.0)
    assert same.p_auc == 1.0


def test_large_groups_tell_less_than_as_many_single_images() -> None:
    labels, first, second = case(2, 120)
    order = np.lexsort((first - second, labels))  # groups of images with like differences
    widths = []
    for size in (1, 6):
        groups = np.empty(120, int)
        groups[order] = np.arange(120) // size
        found = compare(labels, groups, first, second, (0.5, 0.4), 1).auc_difference
        widths.append(found.high - found.low)
    assert widths[1] > 1.3 * widths[0]


def test_each_model_is_judged_at_its_own_threshold() -> None:
    labels = np.array([0, 1] * 20)
    first = np.where(labels == 1, 0.3, 0.1)
    second = np.where(labels == 1, 0.9, 0.7)
    found = compare(labels, np.arange(40), first, second, (0.2, 0.8), 1)
    assert found.f1_difference.value == 0.0
    swapped = compare(labels, np.arange(40), first, second, (0.8, 0.2), 1)
    assert swapped.f1_difference.value == pytest.approx(0 - 2 / 3)


@pytest.mark.parametrize(
    ("low", "high", "excludes"), [(0.01, 0.2, True), (-0.2, -0.01, True), (-0.01, 0.2, False)]
)
def test_an_interval_excludes_zero_on_either_side(low: float, high: float, excludes: bool) -> None:
    assert Difference(value=0.0, low=low, high=high).excludes_zero is excludes


@pytest.mark.parametrize("like", [True, False])
def test_the_larger_p_counts_whether_it_is_that_of_images_or_of_groups(like: bool) -> None:
    labels, first, second = case(2, 120)
    order = np.lexsort((first - second, labels))
    groups, places = np.empty(120, int), np.arange(120)
    # Groups of like differences vary more than single images; where a group has one image of
    # each label, the one makes up for the other.
    beside = np.where(labels[order] == 1, np.sum(labels == 0), 0)
    groups[order] = places // 2 if like else places - beside
    by_image = delong(labels, first, second).p
    by_group = delong_by_groups(labels, groups, first, second).p
    assert (by_group > by_image) is like
    found = compare(labels, groups, first, second, (0.5, 0.4), 1)
    assert found.p_auc == max(by_image, by_group)


def test_many_images_are_compared_by_all_draws() -> None:
    labels, first, second = case(3, 5000)
    groups = np.arange(5000) // 4
    found = compare(labels, groups, first, second, (0.5, 0.4), 1)
    weights = np.vstack((np.ones(5000), group_weights(labels, groups, 1)))
    one = all_metrics(labels, first, 0.5, weights)
    other = all_metrics(labels, second, 0.4, weights)
    for name, difference in (("roc_auc", found.auc_difference), ("f1", found.f1_difference)):
        value, *draws = one[name] - other[name]
        low, high = interval(np.array(draws))
        assert difference == Difference(value=value, low=low, high=high)
