from pathlib import Path

import numpy as np
import pytest

from benchmarks.serving.answers import NONE, Answers, judged
from benchmarks.serving.errors import BenchmarkRefused
from tests.benchmarks.serving.plans import small_plan


@pytest.mark.parametrize(
    ("ours", "theirs", "largest", "changed"),
    [
        (0.5000, 0.49996, 0.0, 0),  # within the page's rounding
        (0.7000, 0.7010, 0.00095, 0),
        (0.2000, 0.9000, 0.69995, 1),
        (0.5000, 0.5000, 0.0, 0),
    ],
)
def test_differences_beyond_rounding_and_decisions_are_counted(
    ours: float, theirs: float, largest: float, changed: int
) -> None:
    found = Answers(
        ours=np.array([[ours, 0.1]]),
        theirs=np.array([[theirs, 0.1]]),
        thresholds=np.array([0.5, 0.3]),
    )
    assert found.largest == pytest.approx(largest)
    assert found.changed == changed


def test_a_model_without_an_answer_is_told() -> None:
    three, two = np.full((4, 3), 0.5), np.full((4, 2), 0.5)
    with pytest.raises(BenchmarkRefused, match="all models are installed"):
        Answers(ours=two, theirs=three, thresholds=np.full(3, 0.4))


def test_all_cohorts_have_a_row_and_decide_together(tmp_path: Path) -> None:
    same = Answers(
        ours=np.full((4, 3), 0.5), theirs=np.full((4, 3), 0.5), thresholds=np.full(3, 0.4)
    )
    other = Answers(
        ours=np.full((4, 3), 0.5), theirs=np.full((4, 3), 0.3), thresholds=np.full(3, 0.4)
    )
    (table,), aims = judged(small_plan(tmp_path), {"one": same, "two": other})
    assert table.rows == (("one", "12", "0.0000", "0"), ("two", "12", "0.2000", "12"))
    assert [aim.met for aim in aims] == [False, False]
    assert [aim.shown for aim in aims] == ["0.19995", "50.00"]
    _, aims = judged(small_plan(tmp_path), {"one": same})
    assert [aim.met for aim in aims] == [True, True]


def test_models_that_all_refuse_a_precision_have_a_row_and_decide_nothing(tmp_path: Path) -> None:
    other = Answers(
        ours=np.full((4, 1), 0.5), theirs=np.full((4, 1), 0.3), thresholds=np.full(1, 0.4)
    )
    (table,), aims = judged(small_plan(tmp_path), {"one": NONE, "two": other})
    assert table.rows == (("one", "0", "0.0000", "0"), ("two", "4", "0.2000", "4"))
    assert [aim.shown for aim in aims] == ["0.19995", "100.00"]
    assert judged(small_plan(tmp_path), {"one": NONE})[1] == []
