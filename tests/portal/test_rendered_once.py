from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import Environment
from jinja2.runtime import Macro

from portal.rendered_once import RenderedOnce


class Card:
    """Counts how often a macro looks at it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.looks = 0

    @property
    def name(self) -> str:
        self.looks += 1
        return self._name


@pytest.fixture
def macro() -> Macro:
    source = "{% macro panel(card) %}<p>{{ card.name }}</p>{% endmacro %}"
    found = Environment(autoescape=True).from_string(source).module.panel
    assert isinstance(found, Macro)
    return found


@pytest.fixture(autouse=True)
def request_in_hand() -> Iterator[None]:
    with Flask(__name__).test_request_context("/"):
        yield


def test_a_card_is_rendered_once_as_the_macro_does(macro: Macro) -> None:
    once, card = RenderedOnce(), Card("a < b")
    pieces = [once(macro, card) for _ in range(3)]
    assert pieces == ["<p>a &lt; b</p>"] * 3
    assert card.looks == 1


def test_another_card_is_another_piece_though_it_came_in_the_place_of_the_first(
    macro: Macro,
) -> None:
    once = RenderedOnce()
    names = [str(number) for number in range(200)]  # cards of which none outlives its turn
    assert [once(macro, Card(name)) for name in names] == [f"<p>{name}</p>" for name in names]


def test_the_oldest_pieces_make_room(macro: Macro) -> None:
    once, first = RenderedOnce(), Card("first")
    once(macro, first)
    for number in range(200):
        once(macro, Card(str(number)))
    once(macro, first)
    assert first.looks == 2


def test_an_address_below_another_root_is_another_piece() -> None:
    source = "{% macro panel(card) %}{{ root() }}{% endmacro %}"
    roots = iter(("", "/below"))
    macro = Environment(autoescape=True).from_string(source, {"root": lambda: next(roots)})
    once, card = RenderedOnce(), Card("one")
    panel = macro.module.panel
    assert once(panel, card) == ""
    with Flask(__name__).test_request_context("/", base_url="http://localhost/below"):
        assert once(panel, card) == "/below"
