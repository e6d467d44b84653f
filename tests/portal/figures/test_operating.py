from dataclasses import replace

import pytest

from models.card import Estimate
from models.catalogue import model_keys
from portal.figures.operating import complement, false_alarms, operating_mark, other_marks
from portal.figures.scale import SQUARE, Point, share_scales
from tests.fakes import fake_card

CARD = fake_card(model_keys()[0])


def test_what_is_left_of_one_has_its_interval_turned() -> None:
    left = complement(Estimate(value=0.9, low=0.81, high=0.96))

    assert (left.value, left.low, left.high) == pytest.approx((0.1, 0.04, 0.19))


def test_false_alarms_are_the_negatives_not_spared() -> None:
    assert false_alarms(CARD.high_sensitivity).value == pytest.approx(1 - 0.54)


def test_the_mark_lies_inside_its_intervals() -> None:
    x, y = share_scales(SQUARE)
    test = CARD.best_f1.metrics["test"]
    mark = operating_mark(CARD.best_f1, test["recall"], test["precision"], x, y)

    assert mark.low.x < mark.at.x < mark.high.x
    assert mark.high.y < mark.at.y < mark.low.y
    assert (mark.title, mark.threshold) == ("Best F1", "0.41")


def test_every_other_point_is_marked_and_the_chosen_one_is_not() -> None:
    def nowhere(_point: object) -> Point:
        return Point(x=0, y=0)

    for name, point in CARD.points.items():
        titles = [other.title for other in other_marks(CARD, point, nowhere)]
        expected = [other.title for key, other in CARD.points.items() if key != name]
        assert titles == expected


def test_points_at_one_threshold_are_marked_once() -> None:
    same = replace(CARD.high_sensitivity, threshold=CARD.threshold)
    card = replace(CARD, high_sensitivity=same)

    assert other_marks(card, card.best_f1, lambda _point: Point(x=0, y=0)) == ()
