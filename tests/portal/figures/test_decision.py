from dataclasses import replace

import pytest

from models.card import DecisionCurve, ModelCard
from models.catalogue import model_keys
from portal.figures.decision import FRAME, above, decision_figure
from tests.fakes import fake_card

CARD = fake_card(model_keys()[0])


def _with(model: tuple[float, ...], act_on_all: tuple[float, ...]) -> ModelCard:
    steps = tuple((index + 1) / (len(model) + 1) for index in range(len(model)))
    curve = DecisionCurve(threshold=steps, model=model, act_on_all=act_on_all)
    return replace(CARD, decision=curve)


def test_a_line_is_cut_where_it_falls_below() -> None:
    assert above([(0, 1), (1, 0), (2, -1)], -0.5) == (((0, 1), (1, 0), (1.5, -0.5)),)


def test_a_line_that_comes_back_has_two_parts() -> None:
    parts = above([(0, 1), (2, -1), (4, 1)], 0)

    assert parts == (((0, 1), (1, 0)), ((3, 0), (4, 1)))


def test_a_line_that_stays_above_is_whole_and_one_that_stays_below_is_nothing() -> None:
    places = [(0.0, 1.0), (1.0, 2.0), (2.0, 1.5)]

    assert above(places, 0) == (tuple(places),)
    assert above(places, 3) == ()


@pytest.mark.parametrize(
    ("model", "act_on_all"),
    [
        ((0.3, 0.2, 0.1), (0.3, -1.0, -30.0)),
        ((0.3, -2.0, 0.1), (0.3, -1.0, -30.0)),
        ((0.0, 0.0), (-5.0, -9.0)),
        ((-3.0, -4.0), (-5.0, -9.0)),
    ],
)
def test_everything_stays_inside_the_frame(
    model: tuple[float, ...], act_on_all: tuple[float, ...]
) -> None:
    figure = decision_figure(_with(model, act_on_all))

    for line in (*figure.model, *figure.act_on_all):
        for point in line.split():
            x, y = map(float, point.split(","))
            assert FRAME.left <= x <= FRAME.right
            assert FRAME.top <= y <= FRAME.bottom
    assert FRAME.top <= figure.zero <= FRAME.bottom
    assert FRAME.top <= figure.model_label.y <= FRAME.bottom


def test_a_line_out_of_sight_has_no_label() -> None:
    assert decision_figure(_with((0.1, 0.1), (-5.0, -9.0))).all_label is None


def test_a_single_probability_is_no_failure() -> None:
    assert decision_figure(_with((0.1,), (0.1,))).rows == (("0.50", "0.100", "0.100", "0.000"),)


def test_the_alternative_text_says_where_the_model_is_worth_using() -> None:
    alt = decision_figure(CARD).alt

    assert "at 3 of 3 probabilities shown, from 0.10 to 0.50" in alt
    assert "the most, by 0.210, at 0.30" in alt


def test_a_model_of_no_use_is_not_praised() -> None:
    alt = decision_figure(_with((0.2, 0.0), (0.2, -0.1))).alt

    assert "at no probability shown" in alt


def test_the_axis_counts_up_to_the_last_probability_without_a_negative_zero() -> None:
    figure = decision_figure(_with((0.33, 0.2, 0.1, 0.0), (0.33, 0.1, -0.2, -1.0)))

    assert figure.x_ticks[0].text == "0.0"
    assert [tick.text for tick in figure.y_ticks if float(tick.text) == 0] in (["0.0"], ["0.00"])
