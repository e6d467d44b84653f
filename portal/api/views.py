"""Views of the API: read the request, ask the pages' service, answer with one document."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request
from flask.typing import ResponseReturnValue

from models.catalogue import (
    MODALITIES,
    STRATEGIES,
    Cohort,
    Comparison,
    ModelKey,
    WholeModality,
    find,
    find_model,
    model_keys,
)
from models.errors import Refusal
from portal.answered import Answered, note
from portal.api.documents import (
    Document,
    Input,
    ModelDocument,
    ModelList,
    card_document,
    comparison,
    model_document,
    plain,
    prediction,
)
from portal.api.form import input_of, map_upload_of, refuse_parameters, upload_of
from portal.api.image_map import ImageMap, image_map
from portal.api.openapi import Description
from portal.api.statuses import status_of
from portal.error_pages import unexpected
from portal.errors import Banner
from portal.problem import Problem, for_program
from portal.services import Services
from portal.upload import Upload
from portal.upload_page import UploadPage

Shown = TypeVar("Shown", bound=UploadPage)


def hold_to_the_description() -> None:
    """Refuse what no address of the API heeds, before any view."""
    refuse_parameters(request)


def refused(refusal: Refusal) -> ResponseReturnValue:
    """The answer to a request that a view or a service refused; no view of a page lets one out."""
    if not for_program():
        return unexpected(refusal)
    banner = Banner.of(refusal)
    note(Answered.of([], [banner], {}))
    return Problem.of(banner, status_of(type(refusal))).response()


class ApiViews:
    """Each method has the name of its endpoint."""

    def __init__(self, services: Services, description: Description) -> None:
        self._services = services
        self._description = description

    def models(self) -> Response:
        """Every model of the catalogue."""
        return _answer(ModelList(models=tuple(self._model(key) for key in model_keys())))

    def model(self, slug: str) -> Response:
        """One model."""
        return _answer(self._model(find_model(slug)))

    def card(self, slug: str) -> Response:
        """The card of one model, as it travels with the weights."""
        return _answer(card_document(self._services.predictor(find_model(slug)).page()))

    def openapi(self) -> Response:
        """The API's own description."""
        return _json(self._description.document)

    def predict(self, slug: str) -> Response:
        """What one model says of an image."""
        service = self._services.predictor(find_model(slug))
        return _asked(service.answer, upload_of(request), prediction)

    def map(self, slug: str) -> Response:
        """What one model says of many squares of a large image."""
        service = self._services.mapper(find_model(slug))
        return _asked(service.answer, map_upload_of(request), image_map)

    def compare_all(self, modality: str) -> Response:
        """What all models of one modality say of an image."""
        return self._compared(WholeModality(modality=find(MODALITIES, modality, "modality")))

    def compare(self, modality: str, strategy: str) -> Response:
        """What those of one strategy say of it."""
        cohort = Cohort(
            modality=find(MODALITIES, modality, "modality"),
            strategy=find(STRATEGIES, strategy, "strategy"),
        )
        return self._compared(cohort)

    def _compared(self, models: Comparison) -> Response:
        service = self._services.compare_predictor(models)
        return _asked(service.answer, upload_of(request), comparison)

    def _model(self, key: ModelKey) -> ModelDocument:
        page = self._services.predictor(key).page()
        return model_document(page, self._services.checkpoints.folder)


def _asked(
    answer: Callable[[Upload], Shown],
    upload: Upload,
    document: Callable[[Shown, Input], Document | ImageMap | Problem],
) -> Response:
    """The answer to an upload: a document, or the file that its form asked for."""
    sent = input_of(upload)
    page = answer(upload)
    note(page.answered)
    return page.file.response() if page.file else _answer(document(page, sent))


def _answer(document: Document | ImageMap | Problem) -> Response:
    return document.response() if isinstance(document, Problem) else _json(plain(document))


def _json(content: Any) -> Response:
    """JSON in the order of the description, and without room for what JSON has no words for."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return Response(text, content_type="application/json")
