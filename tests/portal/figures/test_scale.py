import pytest

from portal.figures.scale import Scale, round_range, round_step


def test_a_scale_maps_its_ends() -> None:
    scale = Scale(low=0, high=2, start=100, end=0)

    assert [scale(0), scale(1), scale(2)] == [100, 50, 0]


def test_a_scale_without_extent_is_refused() -> None:
    with pytest.raises(ValueError, match="low < high"):
        Scale(low=1, high=1, start=0, end=1)


@pytest.mark.parametrize(
    ("span", "most", "step"), [(1, 5, 0.2), (0.9, 5, 0.2), (40, 6, 10), (0.03, 5, 0.01), (7, 7, 1)]
)
def test_steps_are_round(span: float, most: int, step: float) -> None:
    assert round_step(span, most) == pytest.approx(step)


def test_a_step_needs_a_span() -> None:
    with pytest.raises(ValueError, match="positive"):
        round_step(0, 5)


def test_a_range_is_widened_to_round_numbers() -> None:
    low, high, step = round_range(0.53, 0.97)

    assert (low, high, step) == pytest.approx((0.5, 1.0, 0.1))
