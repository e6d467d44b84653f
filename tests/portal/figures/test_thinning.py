from itertools import pairwise

import pytest

from portal.figures.thinning import thinned


@pytest.mark.parametrize("length", [1, 2, 11, 12])
def test_a_short_curve_is_kept(length: int) -> None:
    assert thinned(length) == list(range(length))


@pytest.mark.parametrize("length", [13, 100, 1001])
def test_a_long_curve_keeps_both_ends_and_is_spread_evenly(length: int) -> None:
    kept = thinned(length)
    gaps = {later - earlier for earlier, later in pairwise(kept)}

    assert len(kept) == 12
    assert (kept[0], kept[-1]) == (0, length - 1)
    assert max(gaps) - min(gaps) <= 1
