from dataclasses import replace

import pytest

from models.card import Estimate, ModelCard, RocCurve
from models.catalogue import ModelKey, model_keys
from portal.figures.roc import roc_figure
from portal.figures.scale import SQUARE, Point, share_scales
from tests.fakes import fake_card, with_own_numbers

KEYS = model_keys()


def _with_auc(card: ModelCard, value: float, low: float, high: float) -> ModelCard:
    test = {**card.metrics["test"], "roc_auc": Estimate(value=value, low=low, high=high)}
    return replace(card, metrics={**card.metrics, "test": test})


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_the_curve_runs_from_corner_to_corner(key: ModelKey) -> None:
    points = roc_figure(fake_card(key), fake_card(key).best_f1).curve.split()

    assert points[0] == f"{SQUARE.left:.1f},{SQUARE.bottom:.1f}"
    assert points[-1] == f"{SQUARE.right:.1f},{SQUARE.top:.1f}"


def test_the_chosen_point_is_marked_and_the_other_is_a_dot() -> None:
    card = fake_card(KEYS[0])
    figures = {name: roc_figure(card, point) for name, point in card.points.items()}

    for figure in figures.values():
        mark = figure.operating
        assert mark.low.x < mark.at.x < mark.high.x
        assert mark.high.y < mark.at.y < mark.low.y
    best, sensitive = figures["best-f1"], figures["high-sensitivity"]
    assert [other.at for other in best.others] == [sensitive.operating.at]
    assert [other.at for other in sensitive.others] == [best.operating.at]
    assert (best.operating.threshold, sensitive.operating.threshold) == ("0.41", "0.20")


def test_the_alternative_text_says_the_finding() -> None:
    key = KEYS[0]
    card = fake_card(key)
    alt = roc_figure(card, card.best_f1).alt

    assert "better than chance" in alt
    assert "0.900, 95 % interval 0.81 to 0.96" in alt
    assert f"90\u00a0% of {key.modality.found} were found" in alt
    assert f"10\u00a0% of {key.modality.spared} were called {key.modality.labels[1]}" in alt


def test_a_model_that_may_be_guessing_is_not_praised() -> None:
    card = _with_auc(fake_card(KEYS[0]), 0.55, 0.42, 0.68)

    assert "not clearly better than chance" in roc_figure(card, card.best_f1).alt


def test_a_long_curve_has_a_short_table_with_both_ends() -> None:
    steps = tuple(step / 100 for step in range(101))
    curve = RocCurve(
        false_positive_rate=steps,
        true_positive_rate=steps,
        thresholds=(2.0, *(1 - step for step in steps[1:])),
    )
    card = replace(fake_card(KEYS[0]), roc=curve)
    rows = roc_figure(card, card.best_f1).rows

    assert len(rows) == 12
    assert rows[0] == ("above 1", "0\u00a0%", "0\u00a0%")
    assert rows[-1] == ("0.000", "100\u00a0%", "100\u00a0%")


def test_no_threshold_of_the_table_looks_like_another_or_like_a_hundredth_that_it_is_not() -> None:
    curve = RocCurve(
        false_positive_rate=(0.0, 0.1, 0.2, 1.0),
        true_positive_rate=(0.0, 0.8, 0.9, 1.0),
        thresholds=(2.0, 0.95321, 0.95318, 0.47968),
    )
    card = replace(fake_card(KEYS[0]), roc=curve)

    assert [row[0] for row in roc_figure(card, card.best_f1).rows] == [
        "above 1",
        "0.95321",
        "0.95318",
        "0.47968",
    ]
    curve = replace(curve, thresholds=(2.0, 0.953, 0.9, 0.47968))
    rows = roc_figure(replace(card, roc=curve), card.best_f1).rows
    assert [row[0] for row in rows] == ["above 1", "0.9530", "0.9000", "0.4797"]


def test_false_alarms_run_across_and_finds_upwards() -> None:
    card = fake_card(KEYS[0])
    figure = roc_figure(card, card.best_f1)
    x, y = share_scales(SQUARE)

    assert figure.curve.split()[2] == f"{x(0.2)},{y(0.9)}"
    assert figure.rows[2] == ("0.410", "20\u00a0%", "90\u00a0%")


def test_the_mark_and_the_area_are_those_of_the_test_images() -> None:
    card = with_own_numbers(fake_card(KEYS[0]))
    figure = roc_figure(card, card.best_f1)
    x, y = share_scales(SQUARE)
    test, sensitive = card.metrics["test"], card.high_sensitivity.metrics["test"]

    assert figure.operating.at == Point(
        x=x(1 - test["specificity"].value), y=y(test["recall"].value)
    )
    assert [other.at for other in figure.others] == [
        Point(x=x(1 - sensitive["specificity"].value), y=y(sensitive["recall"].value))
    ]
    assert figure.auc == f"{test['roc_auc'].value:.3f}"
    assert f"the area under it is {figure.auc}" in figure.alt
