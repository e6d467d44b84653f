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
    ("value", "limits", "text"),
    [
        (0.4797, (0.61, 0.48, 0.6254), "0.4797"),
        (0.655, (0.56, 0.55, 0.6528), "0.66"),
        (0.652, (0.56, 0.55, 0.6528), "0.652"),
        (0.9972, (0.9986,), "0.997"),
        (1.0, (0.9986,), "> 0.999"),
        (1.0, (1.0,), "> 0.99"),
    ],
)
def test_a_probability_differs_from_every_limit(
    value: float, limits: tuple[float, ...], text: str
) -> None:
    assert numbers.probability(value, *limits) == text


@pytest.mark.parametrize(
    ("value", "beside", "text"),
    [
        (0.6528, None, "0.65"),
        (0.6528, 0.3, "0.65"),
        (0.6528, 0.652, "0.653"),
        (0.48, 0.4797, "0.48"),
    ],
)
def test_a_limit_has_the_decimals_that_a_probability_beside_it_needs(
    value: float, beside: float | None, text: str
) -> None:
    assert numbers.limit(value, beside) == text


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


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0004, "fewer than 1 in 1\u202f000"),
        (0.0012, "about 1 in 1\u202f000"),
        (0.0094, "about 9 in 1\u202f000"),
        (0.0096, "about 1 in 100"),
        (0.057, "about 6 in 100"),
        (0.096, "about 10 in 100"),
        (0.134, "about 13 in 100"),
        (0.155, "about 16 in 100"),
        (0.994, "about 99 in 100"),
        (1.0, "more than 99 in 100"),
    ],
)
def test_a_chance_in_words_does_not_contradict_its_p(p: float, words: str) -> None:
    assert numbers.chance(p) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.054, "+0.05"), (-0.0049, "0.00"), (0.0, "0.00"), (0.0049, "0.00"), (-0.11, "\u22120.11")],
)
def test_a_difference_has_its_sign_but_what_rounds_to_0_has_none(value: float, text: str) -> None:
    assert numbers.signed(value, 2) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(0, "0 ms"), (999, "999 ms"), (1000, "1.0 s"), (20_530, "20.5 s")]
)
def test_a_time_from_a_second_on_is_told_in_seconds(milliseconds: int, text: str) -> None:
    assert numbers.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("share", "limit", "texts"),
    [
        (0.63, 0.05, ("63 %", "5 %")),
        (0.0503, 0.05, ("5.03 %", "5.00 %")),
        (0.05, 0.05, ("5 %", "5 %")),
    ],
)
def test_a_share_in_percent_is_told_from_its_limit(
    share: float, limit: float, texts: tuple[str, str]
) -> None:
    assert numbers.percents_apart(share, limit) == tuple(
        text.replace(" ", "\u00a0") for text in texts
    )
