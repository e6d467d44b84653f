import numpy as np
import pytest
from sklearn.metrics import f1_score, jaccard_score

from models.f_star import f1_of, f_star_of
from models.wilson import wilson


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_jaccard_score_and_leads_to_f1_and_back(seed: int) -> None:
    labels, called = np.random.default_rng(seed).integers(0, 2, (2, 40))
    f1, f_star = f1_score(labels, called), jaccard_score(labels, called)
    assert f1_of(f_star) == pytest.approx(f1)
    assert f_star_of(f1) == pytest.approx(f_star)


def test_both_end_where_the_other_does() -> None:
    ends = np.array([0.0, 1.0])
    assert f1_of(ends).tolist() == f_star_of(ends).tolist() == [0.0, 1.0]


def test_wilson_s_interval_of_it_gives_one_of_f1_that_holds_what_it_promises() -> None:
    """Of many tests of 88 images, about 95 in 100 have an interval that holds the true F1."""
    random = np.random.default_rng(1)
    prevalence, recall, specificity = 0.33, 0.8, 0.8
    hit, miss = prevalence * recall, prevalence * (1 - recall)
    false_alarm = (1 - prevalence) * (1 - specificity)
    chances = [hit, false_alarm, miss, 1 - hit - false_alarm - miss]
    tp, fp, fn, _ = random.multinomial(88, chances, size=4000).T
    low, high = (f1_of(end) for end in wilson(tp, tp + fp + fn))
    truth = 2 * hit / (2 * hit + false_alarm + miss)
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(0.95, abs=0.015)
