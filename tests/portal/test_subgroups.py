from dataclasses import replace

import pytest

from models.catalogue import model_keys
from models.subgroup_results import AttributeResult, Difference, subgroup_results
from portal.figures.subgroups import subgroups_figure
from portal.subgroups import verdict
from tests.fakes import fake_card, fake_predictions, fake_subgroups

KEY = model_keys()[0]
CARD = fake_card(KEY)


@pytest.fixture
def result() -> AttributeResult:
    table = fake_subgroups(KEY.modality.key)
    return subgroup_results(table, fake_predictions(KEY)["test"], CARD.threshold.value)[0]


def test_what_cannot_be_tested_cannot_be_told(result: AttributeResult) -> None:
    words = verdict(replace(result, tested=0, differences=()), "patient")
    assert "cannot tell" in words
    assert "(patient)" in words


@pytest.mark.parametrize(("tested", "shown"), [(1, "1 comparison has"), (2, "2 comparisons have")])
def test_no_difference_is_not_called_equality(
    result: AttributeResult, tested: int, shown: str
) -> None:
    words = verdict(replace(result, tested=tested, differences=()), "patient")
    assert words.startswith(f"{shown} images enough for a test")
    assert "no difference is larger than chance" in words
    assert "does not make the subgroups equal" in words


@pytest.mark.parametrize(("p", "shown"), [(0.0304, "p = 0.030"), (1e-5, "p < 0.001")])
def test_a_difference_is_named(result: AttributeResult, p: float, shown: str) -> None:
    found = Difference(measure="sensitivity", better="fatty", worse="dense", p=p)
    words = verdict(replace(result, tested=2, differences=(found,)), "patient")
    assert f"sensitivity is higher in fatty than in dense ({shown})" in words


def test_the_figure_has_a_row_for_each_label_of_each_subgroup(result: AttributeResult) -> None:
    figure = subgroups_figure(CARD, CARD.best_f1, result)
    assert [len(block.rows) for block in figure.blocks] == [2, 2]
    heights = [row.y for block in figure.blocks for row in block.rows]
    assert heights == sorted(heights)
    assert heights[-1] < figure.frame.bottom < figure.frame.height
    for block in figure.blocks:
        for row in block.rows:
            assert figure.frame.left <= row.low <= row.value <= row.high <= figure.frame.right
    assert verdict(result, CARD.data.group) in figure.alt
