import numpy as np
import pytest

from benchmarks.serving.answers import Answers
from benchmarks.serving.errors import BenchmarkRefused


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
