"""Answers of the API, held to what its own description promises."""

from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

from tests.conftest import Portal

Description = dict[str, Any]


def description_of(portal: Portal) -> Description:
    document: Description = portal.client.get("/api/v1/openapi.json").json
    return document


def held(description: Description, place: str, method: str, answer: TestResponse) -> Any:
    """The document of an answer, once its status, media type and content are as described."""
    pointer = f"#/paths/{place.replace('/', '~1')}/{method}/responses/{answer.status_code}"
    found = description["paths"][place][method]["responses"][str(answer.status_code)]
    if "$ref" in found:
        pointer = found["$ref"]
        found = description["components"]["responses"][pointer.rpartition("/")[2]]
    media_type = answer.mimetype
    assert media_type in found["content"]
    for name, header in found["headers"].items():
        assert name in answer.headers or not header.get("required")
    inside = f"{pointer}/content/{media_type.replace('/', '~1')}/schema"
    _validator(description, inside).validate(answer.json)
    return answer.json


def _validator(description: Description, pointer: str) -> Draft202012Validator:
    resource = Resource(contents=description, specification=DRAFT202012)
    registry: Any = Registry().with_resource("urn:api", resource)
    return Draft202012Validator({"$ref": f"urn:api{pointer}"}, registry=registry)
