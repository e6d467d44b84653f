"""The description of the API: sound by OpenAPI 3.1, and about the routes that there are."""

import re

from openapi_spec_validator import OpenAPIV31SpecValidator

from models.catalogue import MODALITIES, STRATEGIES, model_keys
from portal.api.statuses import STATUSES
from tests.conftest import Portal
from tests.functional.described import description_of

METHODS = {"get", "post", "put", "patch", "delete"}


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


def test_its_form_takes_the_image_and_nothing_unknown(portal: Portal) -> None:
    operation = description_of(portal)["paths"]["/api/v1/models/{model}/predict"]["post"]
    form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["image"]
    assert form["additionalProperties"] is False
