import pytest

from benchmarks.serving.aims import Aim, aims_table
from benchmarks.serving.ratios import Ratio


@pytest.mark.parametrize(
    ("measured", "at_most", "met"),
    [(1.2, True, True), (1.3, True, False), (1.2, False, False), (1.3, False, True)],
)
def test_a_bound_is_kept_or_not(measured: float, at_most: bool, met: bool) -> None:
    found = Ratio(value=measured, low=1.0, high=2.0)
    aim = Aim.of_ratio("ours / bare", found, 1.25, at_most=at_most)
    assert aim.met is met
    (row,) = aims_table([aim]).rows
    assert row[1:] == (
        "at most 1.25" if at_most else "at least 1.25",
        f"{measured:.2f} (1.00-2.00)",
        "met" if met else "not met",
    )
