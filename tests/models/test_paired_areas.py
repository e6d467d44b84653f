import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import kstest, rankdata
from sklearn.metrics import roc_auc_score

from models.paired_areas import delong, delong_by_groups, groups_of_rarer_label, midranks
from pipelines.comparison import compare
from tests.paired_scores import case


def delong_by_pairs(labels: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """DeLong's test as the paper writes it: a kernel over all pairs, two covariance matrices."""
    models = (first.tolist(), second.tolist())
    positive, negative = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    kernel = np.zeros((2, len(positive), len(negative)))
    for model, i, j in product(range(2), range(len(positive)), range(len(negative))):
        x, y = models[model][positive[i]], models[model][negative[j]]
        kernel[model, i, j] = 1.0 if x > y else 0.5 if x == y else 0.0
    areas = kernel.mean(axis=(1, 2))
    covariance = np.cov(kernel.mean(axis=2)) / len(positive)
    covariance += np.cov(kernel.mean(axis=1)) / len(negative)
    contrast = np.array([1.0, -1.0])
    z = (areas[0] - areas[1]) / math.sqrt(contrast @ covariance @ contrast)
    return 2.0 * (1.0 - 0.5 * (1.0 + math.erf(abs(z) / math.sqrt(2.0))))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("skills", [(0.5, 0.3), (0.2, 0.2), (0.05, 0.6)])
def test_delong_is_that_of_all_pairs(seed: int, skills: tuple[float, float]) -> None:
    labels, first, second = case(seed, skills=skills)
    expected = delong_by_pairs(labels, first, second)
    assert delong(labels, first, second).p == pytest.approx(expected, abs=1e-12)
    assert delong(labels, second, first).p == pytest.approx(expected, abs=1e-12)


def test_p_values_of_equal_models_are_uniform() -> None:
    found = [delong(*case(seed, 200, skills=(0.4, 0.4))).p for seed in range(300)]
    assert kstest(found, "uniform").pvalue > 0.01


@pytest.mark.parametrize(("second", "p"), [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0)])
def test_delong_without_any_variance(second: list[float], p: float) -> None:
    first = np.array([0.2, 0.1, 0.7, 0.8])
    assert delong(np.array([0, 0, 1, 1]), first, np.array(second)).p == p


def test_delong_by_hand() -> None:
    """Two models, two images of each label.

    The first puts 3 of 4 pairs right, the second 2. Parts of the positive images: 1 and 1/2, and
    1/2 and 1/2; of the negative ones: 1 and 1/2, and 1 and 0. Differences: 1/2 and 0; 0 and 1/2.
    Each has a variance of 1/8, over two images 1/16, together 1/8: z = 0.25 / sqrt(1/8).
    """
    labels = np.array([0, 0, 1, 1])
    found = delong(labels, np.array([0.1, 0.6, 0.7, 0.5]), np.array([0.1, 0.9, 0.5, 0.4]))
    assert (found.first, found.second, found.value) == (0.75, 0.5, 0.25)
    assert found.p == pytest.approx(0.4795001221869535)  # 2 (1 - Phi(1 / sqrt(2)))
    assert found.low == pytest.approx(0.25 - 1.959964 * math.sqrt(1 / 8))
    assert found.high == pytest.approx(0.25 + 1.959964 * math.sqrt(1 / 8))


@pytest.mark.parametrize("seed", range(4))
def test_areas_are_those_of_scikit_learn(seed: int) -> None:
    labels, first, second = case(seed)
    found = delong(labels, first, second)
    assert found.first == pytest.approx(roc_auc_score(labels, first))
    assert found.second == pytest.approx(roc_auc_score(labels, second))


@pytest.mark.parametrize("groups", [np.arange(3), np.array([0, 0, 1])])
def test_nothing_follows_from_one_group_of_a_label(groups: np.ndarray) -> None:
    scores = np.array([0.1, 0.2, 0.3])
    found = delong_by_groups(np.array([0, 0, 1]), groups, scores, scores[::-1].copy())
    assert (found.low, found.high, found.p) == (-1.0, 1.0, 1.0)
    assert not found.excludes_zero


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_excludes_zero_where_p_is_small(seed: int) -> None:
    found = delong(*case(seed, skills=(0.6, 0.1 * seed)))
    assert found.excludes_zero is (found.p < 0.05)


@pytest.mark.parametrize("seed", range(3))
def test_groups_give_the_interval_that_drawing_them_gives(seed: int) -> None:
    """Beside 2,000 draws of whole groups, which need no formula."""
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(80), 5)
    labels = np.where(random.random(400) < 0.8, (groups % 2), random.integers(0, 2, 400))
    shared = random.normal(size=(2, 80))[:, groups]  # hard for one model, not the other
    first, second = (labels + each + random.normal(size=400) for each in shared)
    single, by_groups = (
        delong(labels, first, second),
        delong_by_groups(labels, groups, first, second),
    )
    drawn = compare(labels, groups, first, second, (0.5, 0.5), seed).auc_difference
    assert by_groups.value == pytest.approx(drawn.value)
    assert by_groups.high - by_groups.low == pytest.approx(drawn.high - drawn.low, rel=0.12)
    assert by_groups.high - by_groups.low > 1.2 * (single.high - single.low)


def test_midranks_are_those_of_scipy() -> None:
    scores = np.random.default_rng(0).integers(0, 20, 60)
    assert midranks(scores).tolist() == rankdata(scores).tolist()


@pytest.mark.parametrize(
    ("labels", "groups", "fewest"),
    [
        ([0, 0, 0, 1, 1, 1], ["a", "b", "c", "d", "d", "d"], 1),
        ([1, 1, 1, 0, 0, 0], ["a", "b", "c", "d", "d", "d"], 1),
        ([0, 1, 0, 1], ["a", "a", "b", "b"], 2),
        ([1, 1], ["a", "b"], 0),
    ],
)
def test_groups_of_the_rarer_label_are_counted(
    labels: list[int], groups: list[str], fewest: int
) -> None:
    assert groups_of_rarer_label(np.array(labels), np.array(groups)) == fewest


def test_few_groups_of_a_label_tell_equal_models_apart_too_often() -> None:
    """Why they are counted by label: 28 negative groups do not help 2 positive ones."""

    def false_alarms(positive_groups: int) -> int:
        found = 0
        for seed in range(100):
            random = np.random.default_rng(seed)
            groups = np.repeat(np.arange(positive_groups + 28), 4)
            labels = (groups < positive_groups).astype(int)
            first, second = labels + random.normal(0, 1, (2, positive_groups + 28))[:, groups]
            found += delong_by_groups(labels, groups, first, second).p < 0.05
        return found

    assert false_alarms(2) > 2 * max(5, false_alarms(20))
