import pytest

from portal.choices import UnknownChoice, chosen

ALLOWED = ("one", "other")


@pytest.mark.parametrize("value", ALLOWED)
def test_what_is_allowed_is_taken(value: str) -> None:
    assert chosen("point", value, ALLOWED) == value


@pytest.mark.parametrize("value", [None, ""])
def test_saying_nothing_is_no_choice(value: str | None) -> None:
    assert chosen("point", value, ALLOWED) is None


@pytest.mark.parametrize("value", ["third", "ONE", " one", "one,other"])
def test_anything_else_is_refused_and_what_there_is_is_said(value: str) -> None:
    with pytest.raises(UnknownChoice) as refused:
        chosen("point", value, ALLOWED)
    assert refused.value.expected == "point to be one of one, other"
    assert refused.value.received == repr(value)


def test_a_long_choice_is_not_shown_in_full() -> None:
    with pytest.raises(UnknownChoice) as refused:
        chosen("point", "x" * 5000, ALLOWED)
    assert len(refused.value.received) < 50
