import pytest

from portal.errors import FieldRefused, UnknownField
from portal.square import Square
from portal.wishes import Wishes


def test_a_form_without_fields_wishes_nothing() -> None:
    assert Wishes.of({}) == Wishes(anyway=False, read_first=False)


def test_a_ticked_box_is_a_wish() -> None:
    assert Wishes.of({"anyway": "yes"}) == Wishes(anyway=True)
    assert Wishes.of({"explain": "yes"}) == Wishes(explain=True)


@pytest.mark.parametrize("value", ["on", "no", "true", "YES"])
def test_a_box_has_no_other_value(value: str) -> None:
    with pytest.raises(FieldRefused, match="anyway"):
        Wishes.of({"anyway": value})


def test_a_field_that_nothing_heeds_is_refused() -> None:
    with pytest.raises(UnknownField, match=r"image, read_first, anyway, .* the field 'colour'"):
        Wishes.of({"colour": "blue"})


def test_three_numbers_are_a_square() -> None:
    sent = {"left": "0", "top": "12", "side": "256"}
    for more in ({}, {"extent": "square"}, {"extent": ""}):
        assert Wishes.of(sent | more).square == Square(left=0, top=12, side=256)
    for extent in ("whole", "sweep"):
        assert Wishes.of({**sent, "extent": extent}).square is None


@pytest.mark.parametrize(
    "sent",
    [
        {"left": "0"},
        {"top": "0", "side": "256"},
        {"extent": "square"},
        {"extent": "square", "left": "0", "top": "", "side": "256"},
    ],
)
def test_a_part_of_a_square_is_none(sent: dict[str, str]) -> None:
    with pytest.raises(FieldRefused, match="left, top and side"):
        Wishes.of(sent)


@pytest.mark.parametrize(
    ("field", "value"),
    [("left", "-1"), ("top", "1.5"), ("side", "0"), ("left", "01"), ("side", "9" * 10)],
)
def test_a_place_is_a_whole_number(field: str, value: str) -> None:
    with pytest.raises(FieldRefused, match=f"whole number from .* in the field '{field}'"):
        Wishes.of({"left": "0", "top": "0", "side": "9", field: value})


def test_an_extent_is_one_of_three() -> None:
    with pytest.raises(FieldRefused, match="'square', 'whole', 'sweep' or nothing"):
        Wishes.of({"extent": "all"})


@pytest.mark.parametrize("kind", ["dicom-sr", "dicom-sc"])
def test_an_answer_may_be_a_file(kind: str) -> None:
    assert Wishes.of({"answer": kind}).answer == kind
    assert Wishes.of({"answer": ""}).answer is None


@pytest.mark.parametrize("kind", ["yes", "dicom", "DICOM-SR", "dicom-sr,dicom-sc"])
def test_an_answer_has_no_other_kind(kind: str) -> None:
    with pytest.raises(FieldRefused, match="'dicom-sr', 'dicom-sc' or nothing"):
        Wishes.of({"answer": kind})


def test_a_map_is_no_file() -> None:
    with pytest.raises(FieldRefused, match=r"both\. Ask for the map without a DICOM file"):
        Wishes.of({"extent": "sweep", "answer": "dicom-sr"})
