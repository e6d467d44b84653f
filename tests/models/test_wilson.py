import numpy as np
import pytest
from scipy.stats import binomtest

from models.wilson import wilson, wilson_of_one


@pytest.mark.parametrize(("positive", "count"), [(0, 1), (1, 1), (0, 12), (5, 12), (300, 1000)])
def test_intervals_are_those_of_scipy(positive: int, count: int) -> None:
    low, high = wilson(np.array([positive]), np.array([count]))
    expected = binomtest(positive, count).proportion_ci(method="wilson")
    assert low[0] == pytest.approx(expected.low, abs=1e-6)
    assert high[0] == pytest.approx(expected.high, abs=1e-6)
    assert wilson_of_one(positive, count) == (low[0], high[0])
