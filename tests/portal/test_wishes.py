import pytest

from portal.errors import FieldRefused, UnknownField
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
    with pytest.raises(UnknownField, match="image, read_first, anyway, frame, explain, answer"):
        Wishes.of({"colour": "blue"})


@pytest.mark.parametrize("kind", ["dicom-sr", "dicom-sc"])
def test_an_answer_may_be_a_file(kind: str) -> None:
    assert Wishes.of({"answer": kind}).answer == kind
    assert Wishes.of({"answer": ""}).answer is None


@pytest.mark.parametrize("kind", ["yes", "dicom", "DICOM-SR", "dicom-sr,dicom-sc"])
def test_an_answer_has_no_other_kind(kind: str) -> None:
    with pytest.raises(FieldRefused, match="'dicom-sr', 'dicom-sc' or nothing"):
        Wishes.of({"answer": kind})
