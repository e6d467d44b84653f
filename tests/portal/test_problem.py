"""Problem documents as RFC 9457 has them."""

import json
import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask, g

from models.errors import Refusal
from portal.api.statuses import kinds
from portal.errors import Banner, WrongSuffix
from portal.problem import Problem, anchor, for_program

NUMBER = "5f0c6d1e0b7a4c43a1d2f8f0c6c1a9b7"


@pytest.fixture
def app() -> Flask:
    return Flask("problems")


@pytest.mark.parametrize(
    ("reason", "name"),
    [("NotAnImage", "not-an-image"), ("NotAForm", "not-a-form"), ("EmptyFile", "empty-file")],
)
def test_a_kind_is_named_as_in_an_address(reason: str, name: str) -> None:
    assert anchor(reason) == name


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_a_program_is_not_told_to_use_a_page(app: Flask, kind: type[Refusal]) -> None:
    banner = replace(
        Banner.of(WrongSuffix(expected="", received="")), kind=kind, action=kind.action
    )
    with app.test_request_context("/api/v1/models"):
        g.request_id = NUMBER
        told = Problem.of(banner, 422).action
    assert told
    assert not re.search(r"\bpage\b|\btick|sign in|choose (an|one)", told, re.IGNORECASE)


def test_a_refusal_keeps_its_words(app: Flask) -> None:
    with app.test_request_context("/api/v1/models"):
        g.request_id = NUMBER
        refusal = WrongSuffix(expected="a name", received="Ünknown")
        response = Problem.of(Banner.of(refusal), 422).response()
    document = json.loads(response.data)
    assert response.content_type == "application/problem+json"
    assert response.status_code == document["status"] == 422
    assert document["type"] == "/api#wrong-suffix"
    assert document["title"] == WrongSuffix.title
    assert document["detail"] == "Expected a name; received Ünknown."
    assert document["action"] == WrongSuffix.action
    assert UUID(document["instance"]).hex == NUMBER
    assert "incident" not in document


def test_a_status_alone_has_its_own_phrase(app: Flask) -> None:
    with app.test_request_context("/api/v1/models"):
        g.request_id = NUMBER
        document = Problem.plain(404, "Nothing is here.").to_dict()
    assert document["type"] == "about:blank"
    assert document["title"] == "Not Found"
    assert set(document) == {"type", "title", "status", "detail", "instance"}


@pytest.mark.parametrize(
    ("place", "program"),
    [("/api/v1/models", True), ("/api/", True), ("/api", False), ("/apis/", False), ("/", False)],
)
def test_programs_are_known_by_the_address(app: Flask, place: str, program: bool) -> None:
    with app.test_request_context(place):
        assert for_program() is program
