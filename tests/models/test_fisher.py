import pytest
from scipy.stats import fisher_exact

from models.fisher import fisher


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((4, 5), (15, 2)),
        ((0, 10), (10, 0)),
        ((1, 0), (3, 4)),
        ((7, 7), (7, 7)),
        ((90, 9), (40, 30)),
    ],
)
def test_p_is_that_of_scipy(first: tuple[int, int], second: tuple[int, int]) -> None:
    assert fisher(first, second) == pytest.approx(fisher_exact([first, second]).pvalue)
    assert fisher(second, first) == pytest.approx(fisher(first, second))


def test_p_of_a_large_table_is_that_of_scipy() -> None:
    table = ((420, 380), (330, 470))
    assert fisher(*table) == pytest.approx(fisher_exact(table).pvalue, rel=1e-6)
    assert fisher((4000, 4000), (4000, 4000)) == 1.0
