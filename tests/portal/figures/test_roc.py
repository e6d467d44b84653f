from dataclasses import replace

import pytest

from models.card import Estimate, ModelCard, RocCurve
from models.catalogue import ModelKey, model_keys
from portal.figures.roc import FRAME, roc_figure
from tests.fakes import fake_card

KEYS = model_keys()


def _with_auc(card: ModelCard, value: float, low: float, high: float) -> ModelCard:
    test = {**card.metrics["test"], "roc_auc": Estimate(value=value, low=low, high=high)}
    return replace(card, metrics={**card.metrics, "test": test})


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_the_curve_runs_from_corner_to_corner(key: ModelKey) -> None:
    points = roc_figure(fake_card(key)).curve.split()

    assert points[0] == f"{FRAME.left:.1f},{FRAME.bottom:.1f}"
    assert points[-1] == f"{FRAME.right:.1f},{FRAME.top:.1f}"


def test_the_operating_point_lies_inside_its_intervals() -> None:
    figure = roc_figure(fake_card(KEYS[0]))

    assert figure.low.x < figure.operating.x < figure.high.x
    assert figure.high.y < figure.operating.y < figure.low.y


def test_the_alternative_text_says_the_finding() -> None:
    key = KEYS[0]
    alt = roc_figure(fake_card(key)).alt

    assert "better than chance" in alt
    assert "0.900, 95 % interval 0.81 to 0.96" in alt
    assert f"90\u00a0% of {key.modality.found} were found" in alt
    assert f"10\u00a0% of {key.modality.spared} were called {key.modality.labels[1]}" in alt


def test_a_model_that_may_be_guessing_is_not_praised() -> None:
    assert (
        "not clearly better than chance"
        in roc_figure(_with_auc(fake_card(KEYS[0]), 0.55, 0.42, 0.68)).alt
    )


def test_a_long_curve_has_a_short_table_with_both_ends() -> None:
    steps = tuple(step / 100 for step in range(101))
    curve = RocCurve(
        false_positive_rate=steps,
        true_positive_rate=steps,
        thresholds=(2.0, *(1 - step for step in steps[1:])),
    )
    rows = roc_figure(replace(fake_card(KEYS[0]), roc=curve)).rows

    assert len(rows) == 12
    assert rows[0] == ("above 1", "0\u00a0%", "0\u00a0%")
    assert rows[-1] == ("0.00", "100\u00a0%", "100\u00a0%")
