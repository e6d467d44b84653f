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
    with pytest.raises(UnknownField, match="image, read_first, anyway, frame, explain"):
        Wishes.of({"colour": "blue"})
