import numpy as np
import pytest

from models.area_interval import area_interval
from models.paired_areas import area


def drawn(random: np.random.Generator, positive: int, negative: int, shift: float) -> tuple:
    labels = np.repeat([1, 0], [positive, negative])
    return labels, random.normal(0, 1, positive + negative) + shift * labels


def test_a_perfect_order_is_not_certain() -> None:
    labels = np.array([0] * 7 + [1] * 6)
    found = area_interval(labels, labels.astype(float))
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.6 < found.low < 0.9


def test_turning_the_order_around_turns_the_interval_around() -> None:
    labels, scores = drawn(np.random.default_rng(3), 12, 9, 1.0)
    one, other = area_interval(labels, scores), area_interval(labels, -scores)
    assert one.value == round(area(labels, scores), 6)
    assert (other.value, other.low, other.high) == pytest.approx(
        (1 - one.value, 1 - one.high, 1 - one.low), abs=2e-4
    )


@pytest.mark.parametrize(("shift", "truth"), [(0.0, 0.5), (1.81, 0.9)])
def test_19_of_20_intervals_of_few_images_hold_the_true_area(shift: float, truth: float) -> None:
    random = np.random.default_rng(5)
    found = [area_interval(*drawn(random, 7, 9, shift)) for _ in range(600)]
    held = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.93 <= held <= 0.99
