"""Description: the API in the words of OpenAPI 3.1, made of the catalogue and the documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, get_args

import portal
from models.card import ModelCard
from models.catalogue import MODALITIES, STRATEGIES, model_keys
from models.imaging import SUFFIXES
from portal.api import ROOT
from portal.api.documents import Comparison, ModelDocument, ModelList, Prediction
from portal.api.form import MEDIA_TYPE as FORM
from portal.api.form import OF_A_SQUARE, OF_MAPS, OF_PROGRAMS, OF_VERDICTS
from portal.api.image_map import ImageMap
from portal.api.schema import Schema, Schemas
from portal.dicom_answered import MEDIA_TYPE as DICOM
from portal.file_manager import FIELD
from portal.intended_use import INTENDED_USE
from portal.problem import MEDIA_TYPE as PROBLEM
from portal.problem import Problem
from portal.wishes import NUMBER, PLACE, TICKED, AnswerAs, Extent, Place, Wishes

_REFUSALS = {
    400: "The request is not as it is described here.",
    401: "The portal has accounts, and this request has none of their names and passwords.",
    403: "The request was sent by a page of another site.",
    404: "There is no such model or comparison.",
    408: "The request body came too slowly.",
    413: "The request body is too large.",
    415: "The request body is of another media type.",
    422: "The request is sound, but its image cannot be used.",
    429: "Too many wrong passwords, or too many uploads; Retry-After says when to come back.",
    500: "Something went wrong here; the problem has the incident's number.",
    503: "The model cannot answer just now, the machine is full, or the portal is busy.",
}
_READ = (400, 401, 429, 500)
_ACCOUNT = "account"
_BASIC = {
    "type": "http",
    "scheme": "basic",
    "description": "Needed where the portal has accounts, and of no use where it has none.",
}
_WISH: Mapping[Any, Schema] = {  # in a form all is text, and an empty field says nothing
    bool: {"type": "string", "enum": [TICKED, ""]},
    AnswerAs | None: {"type": "string", "enum": [*get_args(AnswerAs), ""]},
    int | None: {"type": "string", "pattern": f"^({NUMBER})?$"},
    Place | None: {"type": "string", "pattern": f"^({PLACE})?$"},
    Extent | None: {
        "type": "string",
        "enum": [*OF_PROGRAMS, ""],
        "description": "Of an image that is larger than what the models read: a square of it, by "
        "left, top and side in pixels, or all of it, shrunk. Without it a square where these "
        "three are given, and otherwise such an image is refused.",
    },
}
_FILE: Schema = {
    "type": "string",
    "format": "binary",
    "description": "Where the field 'answer' asks for it, in place of the document.",
}
_TOGETHER = {name: [other for other in OF_A_SQUARE if other != name] for name in OF_A_SQUARE}
_ONE = (400, 401, 404, 429, 500)
_ASK = (400, 401, 403, 404, 408, 413, 415, 422, 429, 500, 503)


@dataclass(frozen=True)
class Description:
    """What ``openapi.json`` says."""

    max_upload_mb: int

    @cached_property
    def document(self) -> dict[str, Any]:
        """The whole document, as JSON has it."""
        schemas = Schemas()
        paths = {
            f"{ROOT}/models": _get(
                "listModels", "Every model", schemas.of(ModelList), refusals=_READ
            ),
            f"{ROOT}/models/{{model}}": _get(
                "getModel", "One model", schemas.of(ModelDocument), _model(), refusals=_ONE
            ),
            f"{ROOT}/models/{{model}}/card": _get(
                "getCard",
                "The card of a model: data, split, metrics, curves, versions, limitations",
                schemas.of(ModelCard),
                _model(),
                refusals=(*_ONE, 503),
            ),
            f"{ROOT}/models/{{model}}/predict": self._post(
                "predict", "What a model says of an image", schemas.of(Prediction), _model()
            ),
            f"{ROOT}/models/{{model}}/map": self._map(schemas.of(ImageMap)),
            f"{ROOT}/compare/{{modality}}/{{strategy}}": self._post(
                "compare",
                "What all models of a modality and a strategy say of an image",
                schemas.of(Comparison),
                _one_of("modality", list(MODALITIES)),
                _one_of("strategy", list(STRATEGIES)),
            ),
            f"{ROOT}/compare/{{modality}}": self._post(
                "compareAll",
                "What all models of a modality say of an image",
                schemas.of(Comparison),
                _one_of("modality", list(MODALITIES)),
            ),
            f"{ROOT}/openapi.json": _get(
                "getDescription", "This description", {"type": "object"}, refusals=_READ
            ),
        }
        schemas.of(Problem)
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Breast imaging portal",
                "version": portal.__version__,
                "description": INTENDED_USE,
            },
            "servers": [{"url": "/"}],
            "security": [{}, {_ACCOUNT: []}],
            "paths": paths,
            "components": {
                "securitySchemes": {_ACCOUNT: _BASIC},
                "schemas": schemas.components,
                "responses": {_named(status): _refusal(status) for status in _REFUSALS},
            },
        }

    def _post(self, name: str, summary: str, answer: Schema, *parameters: Schema) -> Schema:
        operation = _operation(name, summary, answer, parameters, _ASK)
        operation["responses"]["200"]["content"][DICOM] = {"schema": _FILE}
        form = self._form(OF_VERDICTS) | {"dependentRequired": _TOGETHER}
        return {"post": operation | _body(form)}

    def _map(self, answer: Schema) -> Schema:
        summary = "What a model says of every square of a large image"
        operation = _operation("map", summary, answer, (_model(),), _ASK)
        return {"post": operation | _body(self._form(OF_MAPS))}

    def _form(self, named: Sequence[str]) -> Schema:
        """The upload form: the image, and the wishes beside it."""
        wishes = {item.name: _WISH[item.type] for item in fields(Wishes) if item.name in named}
        image = {
            "type": "string",
            "format": "binary",
            "description": f"One image file of at most {self.max_upload_mb} MiB, "
            f"with a name that ends in {', '.join(SUFFIXES)}; a DICOM file may have any.",
        }
        return {
            "type": "object",
            "additionalProperties": False,
            "description": "An upload. A field that is not named here is refused.",
            "properties": {FIELD: image, **wishes},
            "required": [FIELD],
        }


def _body(form: Schema) -> Schema:
    return {"requestBody": {"required": True, "content": {FORM: {"schema": form}}}}


def _get(name: str, summary: str, answer: Schema, *parameters: Schema, refusals: Any) -> Schema:
    return {"get": _operation(name, summary, answer, parameters, refusals)}


def _operation(
    name: str,
    summary: str,
    answer: Schema,
    parameters: tuple[Schema, ...],
    refusals: tuple[int, ...],
) -> Schema:
    good = {
        "description": summary,
        "headers": _REQUEST_ID,
        "content": {"application/json": {"schema": answer}},
    }
    refused = {
        str(status): {"$ref": f"#/components/responses/{_named(status)}"} for status in refusals
    }
    operation: Schema = {"operationId": name, "summary": summary}
    if parameters:
        operation["parameters"] = list(parameters)
    return operation | {"responses": {"200": good, **refused}}


_REQUEST_ID = {
    "X-Request-ID": {
        "description": "The number of this request in the portal's log.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which to come back, where that helps.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}
_HOW_TO_SIGN_IN = {
    "WWW-Authenticate": {
        "description": "HTTP Basic in UTF-8; left out for what a browser sends, which would ask "
        "its reader in a window of its own.",
        "schema": {"type": "string"},
    }
}
_MORE = {401: _HOW_TO_SIGN_IN, 429: _RETRY_AFTER, 503: _RETRY_AFTER}


def _refusal(status: int) -> Schema:
    return {
        "description": _REFUSALS[status],
        "headers": _REQUEST_ID | _MORE.get(status, {}),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _named(status: int) -> str:
    return f"Refused{status}"


def _model() -> Schema:
    return _one_of("model", [key.slug for key in model_keys()])


def _one_of(name: str, values: list[str]) -> Schema:
    schema = {"type": "string", "enum": values}
    return {"name": name, "in": "path", "required": True, "schema": schema}
