import pytest
from markdown_it import MarkdownIt

from models.card import Estimate
from pipelines.comparison import Difference
from pipelines.report import markdown
from portal.figures import numbers


def test_a_table_is_one_and_a_bar_in_a_cell_stays_in_it() -> None:
    text = markdown.table(("Image", "Label"), [("a|b.png", "Benign"), ("`c|d`", "Malignant")])
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    cells = [t.content for i, t in enumerate(tokens) if i and tokens[i - 1].type in ("td_open",)]
    assert cells == ["a|b.png", "Benign", "`c|d`", "Malignant"]


def test_columns_of_numbers_are_aligned_at_their_right() -> None:
    row = "`a`", "0.900 (0.810-0.960)", "+0.02 (no draw differs)", "< 0.001", "32 %", "3 of 6"
    less = "1\u202f482 crops", "23.6 M", "0.810-0.960", "no such image", "`1a`", "2026-11-28", "met"
    other = ("7", "-", "none", "not recorded", "none", "2", "0", "1", "2", "0.9", "b", "c", "no")
    _, sides, *_ = markdown.table(["Head"] * 13, [row + less, other]).splitlines()
    assert sides == f"| --- |{' ---: |' * 9} --- | --- | --- |"


def test_counts_have_groups_of_three_digits_as_the_pages() -> None:
    for number, written in ((314, "314"), (2000, "2\u202f000"), (1234567, "1\u202f234\u202f567")):
        assert markdown.count(number) == written == numbers.count(number)


def test_numbers_have_three_digits_and_their_interval() -> None:
    assert markdown.estimate(Estimate(value=0.9, low=0.81, high=0.9649)) == "0.900 (0.810-0.965)"


def test_a_number_beside_a_limit_lies_on_its_side() -> None:
    found = Estimate(value=0.69951, low=0.6, high=0.70049)
    assert markdown.estimate(found, 0.7) == "0.6995 (0.600-0.7005)"
    assert markdown.estimate(Estimate(value=0.7, low=0.6, high=0.8), 0.7) == "0.700 (0.600-0.800)"


@pytest.mark.parametrize(
    ("value", "told"), [(0.02, "+0.020"), (-0.0301, "-0.030"), (0.0, "+0.000")]
)
def test_differences_have_a_sign(value: float, told: str) -> None:
    found = markdown.difference(Difference(value=value, low=-0.1, high=0.1))
    assert found == f"{told} (-0.100 to +0.100)"


def test_a_difference_is_written_as_none_only_where_it_is_none() -> None:
    found = markdown.difference(Difference(value=-0.0004, low=-0.1, high=-0.00009))
    assert found == "-0.0004 (-0.100 to -0.0001)"
    noise = markdown.difference(Difference(value=-1e-17, low=-0.1, high=-1e-17))
    assert noise == "+0.000 (-0.100 to +0.000)"


@pytest.mark.parametrize(
    ("p", "told"), [(0.0, "< 0.001"), (0.00099, "< 0.001"), (0.001, "0.001"), (1.0, "1.000")]
)
def test_p_values_are_never_said_to_be_zero(p: float, told: str) -> None:
    assert markdown.p_value(p) == told


@pytest.mark.parametrize(
    ("p", "told"), [(0.0497, "0.0497"), (0.0503, "0.0503"), (0.05, "0.050"), (0.0491, "0.049")]
)
def test_p_values_lie_on_their_side_of_the_level(p: float, told: str) -> None:
    assert markdown.p_value(p) == told


@pytest.mark.parametrize(
    ("words", "told"),
    [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), (list("abc"), "a, b and c")],
)
def test_words_are_listed_as_in_a_sentence(words: list[str], told: str) -> None:
    assert markdown.listed(words) == told


def test_empty_parts_leave_no_gap() -> None:
    assert markdown.paragraphs("a", "", "b") == "a\n\nb"


def test_points_are_hundredths_with_a_sign() -> None:
    found = markdown.points(Difference(value=0.0204, low=-0.0012, high=0.1), 1.0)
    assert found == "+2.0 (-0.1 to +10.0)"


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0104, "+1.04"), (0.01004, "+1.004"), (0.0096, "+0.96"), (-0.0004, "+0.0")],
)
def test_points_lie_on_their_side_of_a_limit(value: float, told: str) -> None:
    found = markdown.points(Difference(value=value, low=0.0004, high=0.1), 1.0)
    assert found == f"{told} (+0.04 to +10.0)"


def test_what_no_draw_moves_has_no_interval() -> None:
    found = Difference(value=0.0, low=0.0, high=0.0)
    assert markdown.difference(found) == "+0.000 (no draw differs)"
    assert markdown.points(found, 1.0) == "+0.0 (no draw differs)"


def test_shares_are_whole_percents() -> None:
    assert markdown.percent(0.3249) == "32 %"
