from dataclasses import replace
from itertools import pairwise

import pytest

from models.card import ModelCard, Reliability
from models.catalogue import model_keys
from portal.figures.reliability import FRAME, reliability_figures
from tests.fakes import fake_card

CARD = fake_card(model_keys()[0])


def _after(bins: Reliability) -> ModelCard:
    return replace(CARD, calibration=replace(CARD.calibration, after=bins))


def test_before_and_after_are_told_apart() -> None:
    before, after = reliability_figures(CARD)

    assert (before.key, before.probability) == ("before", "model probability")
    assert (after.key, after.probability) == ("after", "calibrated probability")


def test_each_figure_shows_its_own_bins() -> None:
    bins = replace(CARD.calibration.after, count=(1, 2, 3), expected_error=0.031)
    before, after = reliability_figures(_after(bins))

    assert [group.count for group in before.groups] == ["30", "29", "29"]
    assert [group.count for group in after.groups] == ["1", "2", "3"]
    assert (before.error, after.error) == ("0.116", "0.031")


def test_a_group_stands_where_it_was_said_and_came_true() -> None:
    first = reliability_figures(CARD)[0].groups[0]

    assert first.x == pytest.approx(FRAME.left + 0.1 * (FRAME.right - FRAME.left), abs=0.1)
    assert first.y == pytest.approx(FRAME.bottom - 0.05 * (FRAME.bottom - FRAME.top), abs=0.1)
    assert first.high < first.y < first.low  # y grows downwards


def test_a_larger_group_has_a_larger_dot() -> None:
    bins = replace(CARD.calibration.after, count=(1, 10, 100))
    small, middle, large = reliability_figures(_after(bins))[1].groups

    assert small.radius < middle.radius < large.radius


def test_counts_of_groups_that_lie_close_do_not_touch() -> None:
    said = tuple(0.50 + 0.005 * step for step in range(8))
    bins = Reliability(
        predicted=said,
        observed=(0.5,) * 8,
        low=(0.4,) * 8,
        high=(0.6,) * 8,
        count=(143,) * 8,
        expected_error=0.02,
    )
    groups = reliability_figures(_after(bins))[1].groups

    assert all(later.count_x - one.count_x >= 3 * 8 for one, later in pairwise(groups))


def test_the_alternative_text_says_the_finding() -> None:
    alt = reliability_figures(CARD)[0].alt

    assert alt.startswith("Before calibration: 88 test images in 3 groups")
    assert "differ by 0.116 on average" in alt
    assert "in 3 of the groups" in alt  # 0.1 in 0.01-0.18, 0.5 in 0.15-0.50, 0.9 in 0.62-0.91


def test_the_table_has_every_group() -> None:
    assert reliability_figures(CARD)[0].rows[0] == ("0.10", "5\u00a0%", "1 to 18", "30")


def test_the_square_of_a_dots_radius_grows_with_its_count() -> None:
    bins = replace(CARD.calibration.after, count=(0, 25, 100))
    dots = [group.radius for group in reliability_figures(_after(bins))[1].groups]

    assert dots == [3.0, 5.5, 8.0]
