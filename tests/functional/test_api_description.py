"""The description of the API: sound by OpenAPI 3.1, and about the routes that there are."""

import re
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from models.catalogue import MODALITIES, STRATEGIES, model_keys
from portal.api.statuses import STATUSES
from tests.conftest import Portal
from tests.functional.described import Description, description_of
from tests.functional.serving import ROOT

DOCUMENTS = ("Prediction", "Comparison", "ImageMap")  # that answer an upload
METHODS = {"get", "post", "put", "patch", "delete"}


def form_of(description: Description) -> dict[str, Any]:
    """The schema of the form that an image is sent with."""
    operation = description["paths"]["/api/v1/models/{model}/predict"]["post"]
    schema: dict[str, Any] = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    return schema


def test_it_is_sound(portal: Portal) -> None:
    OpenAPIV31SpecValidator(description_of(portal)).validate()


def test_it_describes_every_route_with_its_methods(portal: Portal) -> None:
    described = {
        re.sub(r"\{.*?\}", "{}", place): METHODS & set(operations)
        for place, operations in description_of(portal)["paths"].items()
    }
    rules = [
        rule for rule in portal.app.url_map.iter_rules() if rule.rule in portal.routes.api_routes
    ]
    assert described == {
        re.sub(r"<.*?>", "{}", rule.rule): {m.lower() for m in rule.methods or ()} & METHODS
        for rule in rules
    }


def test_its_parameters_are_the_catalogues(portal: Portal) -> None:
    found = {}
    for operations in description_of(portal)["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                found[parameter["name"]] = parameter["schema"]["enum"]
    assert found == {
        "model": [key.slug for key in model_keys()],
        "modality": list(MODALITIES),
        "strategy": list(STRATEGIES),
    }


def test_every_status_of_a_refusal_is_described(portal: Portal) -> None:
    operations = description_of(portal)["paths"]["/api/v1/models/{model}/predict"]["post"]
    assert {str(status) for status in STATUSES.values()} <= set(operations["responses"])


def test_it_says_how_a_refused_program_may_sign_in_and_when_it_may_come_back(
    portal: Portal,
) -> None:
    refusals = description_of(portal)["components"]["responses"]
    named = {name: set(one["headers"]) - {"X-Request-ID"} for name, one in refusals.items()}
    assert {name: headers for name, headers in named.items() if headers} == {
        "Refused401": {"WWW-Authenticate"},
        "Refused429": {"Retry-After"},
        "Refused503": {"Retry-After"},
    }


def test_its_form_takes_the_image_and_nothing_unknown(portal: Portal) -> None:
    form = form_of(description_of(portal))
    assert form["required"] == ["image"]
    assert form["additionalProperties"] is False


def test_its_form_says_which_fields_go_together(portal: Portal) -> None:
    form = form_of(description_of(portal))
    validator = Draft202012Validator(form)
    square = {"left": "0", "top": "0", "side": "256"}
    assert validator.is_valid({"image": "", **square})
    for name, place in square.items():
        rest = {other: value for other, value in square.items() if other != name}
        assert not validator.is_valid({"image": "", **rest})
        assert not validator.is_valid({"image": "", name: place})


def test_the_document_names_every_address_field_and_status(portal: Portal) -> None:
    text, description = (ROOT / "docs/api.md").read_text("utf-8"), description_of(portal)
    answers = (description["components"]["schemas"][name] for name in DOCUMENTS)
    missing = [
        *(place for place in description["paths"] if f"| `{place}` |" not in text),
        *(name for answer in answers for name in answer["properties"] if f"`{name}" not in text),
        *(name for name in form_of(description)["properties"] if f"`{name}" not in text),
        *(status for status in set(STATUSES.values()) if f"| {status} |" not in text),
    ]
    assert missing == []
