from itertools import pairwise

import numpy as np
import pytest

from models.significance import holm


def rejected_step_down(p_values: list[float], level: float) -> list[bool]:
    """Holm's procedure as he wrote it: from the smallest p on, until one is too large."""
    order = np.argsort(p_values, kind="stable")
    rejected = [False] * len(p_values)
    for rank, index in enumerate(order):
        if p_values[index] > level / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


@pytest.mark.parametrize("seed", range(20))
def test_holm_rejects_what_the_step_down_procedure_rejects(seed: int) -> None:
    p_values = (np.random.default_rng(seed).random(15) ** 4).tolist()
    corrected = holm(p_values)
    for level in (0.001, 0.01, 0.05, 0.2, 0.5):
        assert [p <= level for p in corrected] == rejected_step_down(p_values, level)


def test_holm_gives_the_numbers_of_the_textbook() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_corrected_p_values_keep_the_order() -> None:
    p_values = np.random.default_rng(0).random(15)
    corrected = np.array(holm(p_values.tolist()))[np.argsort(p_values)]
    assert all(low <= high for low, high in pairwise(corrected))
