"""Schemas of dataclasses, judged by what a validator takes and refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator

from portal.api.schema import Says, Schemas

Share = Annotated[float, Says(minimum=0, maximum=1)]


@dataclass(frozen=True)
class Part:
    """A part."""

    name: Annotated[str, Says("What it is called.", pattern="^[a-z]+$")]


@dataclass(frozen=True)
class Whole:
    """A whole.

    More of it.
    """

    share: Share
    part: Part | None
    counts: tuple[int, ...]
    pair: tuple[str, bool]
    table: Mapping[str, Part]
    note: str | None = None


GOOD: dict[str, Any] = {
    "share": 0.5,
    "part": {"name": "a"},
    "counts": [1, 2],
    "pair": ["a", True],
    "table": {"x": {"name": "b"}},
}


def validator() -> Draft202012Validator:
    schemas = Schemas()
    reference = schemas.of(Whole)
    document = {**reference, "components": {"schemas": schemas.components}}
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


@pytest.mark.parametrize("change", [{}, {"part": None}, {"note": "a"}, {"counts": []}])
def test_what_the_dataclass_holds_is_taken(change: dict[str, Any]) -> None:
    validator().validate(GOOD | change)


@pytest.mark.parametrize(
    "change",
    [
        {"share": 1.5},
        {"share": "0.5"},
        {"part": {"name": "A"}},
        {"part": {}},
        {"part": {"name": "a", "other": 1}},
        {"counts": [1.5]},
        {"pair": ["a"]},
        {"pair": ["a", True, 1]},
        {"table": {"x": 1}},
        {"note": None},
        {"other": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    assert not validator().is_valid(GOOD | change)


@pytest.mark.parametrize("name", GOOD)
def test_every_field_must_be_there(name: str) -> None:
    assert not validator().is_valid({key: value for key, value in GOOD.items() if key != name})


def test_words_come_from_docstring_and_annotation() -> None:
    schemas = Schemas()
    schemas.of(Whole)
    assert schemas.components["Whole"]["description"] == "A whole."
    assert schemas.components["Part"]["properties"]["name"]["description"] == "What it is called."


def test_a_type_without_a_schema_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="bytes"):
        Schemas().of(bytes)
