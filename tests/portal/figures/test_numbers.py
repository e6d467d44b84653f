import pytest

from models.card import Estimate
from portal.figures import numbers


@pytest.mark.parametrize(
    ("value", "threshold", "text"),
    [
        (0.8312, 0.41, "0.83"),
        (0.41, 0.41, "0.41"),
        (0.4123, 0.41, "0.412"),
        (0.41004, 0.41, "0.41004"),
        (1.0, 0.41, "> 0.99"),
        (0.0001, 0.41, "< 0.01"),
    ],
)
def test_a_probability_is_no_certainty_and_differs_from_its_threshold(
    value: float, threshold: float, text: str
) -> None:
    assert numbers.probability(value, threshold) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.7649, "0.76"), (0.999, "> 0.99"), (0.0, "< 0.01"), (0.41, "0.41")]
)
def test_a_probability_without_a_threshold_has_two_decimals(value: float, text: str) -> None:
    assert numbers.probability(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "fewer than 1"),
        (0.005, "fewer than 1"),
        (0.0051, "about 1"),
        (0.764, "about 76"),
        (0.9949, "about 99"),
        (0.995, "more than 99"),
        (1.0, "more than 99"),
    ],
)
def test_of_a_hundred_it_is_never_none_and_never_all(share: float, text: str) -> None:
    assert numbers.of_hundred(share) == text


def test_shares_are_whole_percents() -> None:
    estimate = Estimate(value=0.9, low=0.812, high=0.958)

    assert numbers.percent(0.896) == "90\u00a0%"
    assert numbers.percent_interval(estimate) == "81 to 96"
    assert numbers.interval(estimate) == "0.81 to 0.96"


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (23_471, "23\u202f471"), (23_587_712, "23.6 million")],
)
def test_counts_are_grouped(number: int, text: str) -> None:
    assert numbers.millions(number) == text
