import numpy as np
import pytest

from benchmarks.serving.ratios import Ratio, ratio, spread


def test_what_takes_twice_as_long_in_every_round_has_no_spread() -> None:
    below = np.random.default_rng(1).uniform(1, 100, 40)
    assert ratio(2 * below, below) == Ratio(value=2.0, low=2.0, high=2.0)


def test_rounds_are_drawn_in_pairs_so_that_slow_rounds_widen_little() -> None:
    random = np.random.default_rng(2)
    machine = random.uniform(1, 10, 200)
    below = machine * random.normal(1, 0.01, 200)
    above = 3 * machine * random.normal(1, 0.01, 200)
    paired, mixed = ratio(above, below), ratio(random.permutation(above), below)
    assert paired.low < 3 < paired.high
    assert paired.high - paired.low < (mixed.high - mixed.low) / 5


@pytest.mark.parametrize(("quantile", "expected"), [(0.5, 1.0), (0.95, 10.0)])
def test_a_quantile_is_compared_with_the_same_quantile(quantile: float, expected: float) -> None:
    above = np.repeat([1.0, 10.0], [90, 10])
    assert ratio(above, np.ones(100), quantile).value == expected


def test_the_interval_holds_the_value_and_narrows_with_rounds() -> None:
    random = np.random.default_rng(3)

    def width(rounds: int) -> float:
        found = ratio(random.lognormal(0, 0.3, rounds), random.lognormal(0, 0.3, rounds))
        assert found.low <= found.value <= found.high
        return found.high - found.low

    assert width(2000) < width(20) / 3


def test_rounds_that_left_one_out_do_not_count() -> None:
    above = np.array([4.0, np.nan, 4.0, np.nan])
    below = np.array([2.0, 9.0, 2.0, 9.0])
    assert ratio(above, below).value == 2.0


def test_without_a_common_round_there_is_no_ratio() -> None:
    with pytest.raises(ValueError, match="at least one round"):
        ratio(np.array([1.0, np.nan]), np.array([np.nan, 1.0]))


def test_a_few_ratios_are_told_with_their_range() -> None:
    assert spread(np.array([3.0, 1.0, 2.0])) == Ratio(value=2.0, low=1.0, high=3.0)
    assert str(spread(np.array([1.234]))) == "1.23 (1.23-1.23)"
