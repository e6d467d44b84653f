from dataclasses import replace

import pytest

from models.catalogue import model_keys
from models.subgroup_results import AttributeResult, Difference, subgroup_results
from models.subgroup_words import rules, verdict
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


@pytest.mark.parametrize(
    ("p", "shown"), [(0.0304, "p = 0.030"), (0.0497, "p = 0.0497"), (1e-5, "p < 0.001")]
)
def test_a_difference_is_named(result: AttributeResult, p: float, shown: str) -> None:
    found = Difference(measure="sensitivity", better="fatty", worse="dense", p=p)
    words = verdict(replace(result, tested=2, differences=(found,)), "patient")
    assert f"sensitivity is higher in fatty than in dense ({shown})" in words


def test_the_rules_name_what_is_independent_and_what_is_not() -> None:
    assert "(here: patient)" in rules("patient")
    assert "Wilson's" in rules("patient")
    assert "Holm" in rules("patient")
