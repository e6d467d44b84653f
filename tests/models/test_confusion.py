import numpy as np
from sklearn import metrics as sk

from models.confusion import confusion


def test_it_counts_as_scikit_learn_does() -> None:
    random = np.random.default_rng(4)
    labels, called = random.integers(0, 2, 60), random.random(60) < 0.3
    found = confusion(labels, called)
    expected = sk.confusion_matrix(labels, called).ravel().tolist()
    assert [
        found.true_negative,
        found.false_positive,
        found.false_negative,
        found.true_positive,
    ] == expected


def test_calls_of_one_kind_leave_the_other_counts_at_0() -> None:
    found = confusion(np.array([0, 0]), np.array([False, False]))
    assert (found.true_negative, found.false_positive) == (2, 0)
    assert (found.false_negative, found.true_positive) == (0, 0)
