from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_recall_curve

from models.card import PrCurve
from models.catalogue import ModelKey, model_keys
from models.no_skill import positive_share
from portal.figures.precision_recall import precision_recall_figure
from portal.figures.scale import SQUARE
from tests.fakes import fake_card, with_own_numbers

KEYS = model_keys()
CARD = fake_card(KEYS[0])


def _points(line: str) -> list[tuple[float, float]]:
    """Data coordinates of a drawn line."""
    wide, high = SQUARE.right - SQUARE.left, SQUARE.bottom - SQUARE.top
    pairs = (map(float, point.split(",")) for point in line.split())
    return [((x - SQUARE.left) / wide, (SQUARE.bottom - y) / high) for x, y in pairs]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_everything_stays_inside_the_frame(key: ModelKey) -> None:
    figure = precision_recall_figure(fake_card(key), fake_card(key).best_f1)

    for x, y in _points(figure.area):
        assert 0 <= x <= 1
        assert 0 <= y <= 1


def test_the_area_below_the_drawn_steps_is_the_average_precision() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 2, 60)
    scores = random.random(60) + 0.3 * labels
    precision, recall, _ = precision_recall_curve(labels, scores)
    curve = PrCurve(recall=tuple(recall[::-1]), precision=tuple(precision[::-1]))
    figure = precision_recall_figure(replace(CARD, pr=curve), CARD.best_f1)
    x, y = np.array(_points(figure.curve)).T

    assert np.trapezoid(y, x) == pytest.approx(average_precision_score(labels, scores), abs=0.002)


def test_no_skill_is_the_share_of_positive_test_images() -> None:
    figure = precision_recall_figure(CARD, CARD.best_f1)

    assert positive_share(CARD.data) == pytest.approx(29 / 88)
    assert figure.share == "33\u00a0%"
    assert figure.baseline == pytest.approx(SQUARE.bottom - 366 * 29 / 88, abs=0.1)


def test_validation_has_its_own_share() -> None:
    assert positive_share(CARD.data, "validation") == pytest.approx(28 / 87)


def test_the_chosen_point_is_marked_where_its_metrics_are() -> None:
    figure = precision_recall_figure(CARD, CARD.high_sensitivity)
    ((x, y),) = _points(f"{figure.operating.at.x},{figure.operating.at.y}")

    assert (x, y) == pytest.approx((0.97, 0.80), abs=0.001)
    assert figure.operating.title == "High sensitivity"
    assert [other.title for other in figure.others] == ["Best F1"]


def test_the_alternative_text_says_the_finding() -> None:
    alt = precision_recall_figure(CARD, CARD.high_sensitivity).alt
    modality = KEYS[0].modality

    assert "0.900, 95 % interval 0.81 to 0.96; no skill has 33\u00a0%" in alt
    assert f"97\u00a0% of {modality.found} were found" in alt
    assert f"80\u00a0% of the images called {modality.labels[1]} were {modality.found}" in alt


def test_the_table_has_both_ends() -> None:
    rows = precision_recall_figure(CARD, CARD.best_f1).rows

    assert (rows[0], rows[-1]) == (("0\u00a0%", "100\u00a0%"), ("100\u00a0%", "33\u00a0%"))


def test_mark_area_and_words_are_those_of_the_test_images() -> None:
    card = with_own_numbers(CARD)
    figure = precision_recall_figure(card, card.best_f1)
    ((x, y),) = _points(f"{figure.operating.at.x},{figure.operating.at.y}")
    test = card.metrics["test"]

    assert (x, y) == pytest.approx((test["recall"].value, test["precision"].value), abs=0.001)
    assert figure.auc == f"{test['pr_auc'].value:.3f}"
    assert f"the area under it is {figure.auc}" in figure.alt
