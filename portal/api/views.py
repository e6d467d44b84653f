"""Views of the API: read the request, ask the pages' service, answer with one document."""

import json
from typing import Any, ClassVar

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

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
from portal.report_views import download
from portal.services import Services


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


class ReadViews:
    """What is only read. Each method has the name of its endpoint."""

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

    def _model(self, key: ModelKey) -> ModelDocument:
        page = self._services.predictor(key).page()
        return model_document(page, self._services.checkpoints.folder)


class PredictView(MethodView):
    """One image, one model."""

    init_every_request: ClassVar[bool] = False

    def __init__(self, services: Services) -> None:
        self._services = services

    def post(self, slug: str) -> Response:
        """The answer to an upload."""
        service = self._services.predictor(find_model(slug))
        upload = upload_of(request)
        sent = input_of(upload)
        page = service.answer(upload)
        note(page.answered)
        return download(page.file) if page.file else _answer(prediction(page, sent))


class MapView(MethodView):
    """One large image, one model, many squares."""

    init_every_request: ClassVar[bool] = False

    def __init__(self, services: Services) -> None:
        self._services = services

    def post(self, slug: str) -> Response:
        """The map of an upload."""
        service = self._services.mapper(find_model(slug))
        upload = map_upload_of(request)
        sent = input_of(upload)
        page = service.answer(upload)
        note(page.answered)
        return _answer(image_map(page, sent))


class CompareView(MethodView):
    """One image, all models of one modality, or those of one strategy."""

    init_every_request: ClassVar[bool] = False

    def __init__(self, services: Services) -> None:
        self._services = services

    def post(self, modality: str, strategy: str | None = None) -> Response:
        """The answers to an upload."""
        service = self._services.compare_predictor(_compared(modality, strategy))
        upload = upload_of(request)
        sent = input_of(upload)
        page = service.answer(upload)
        note(page.answered)
        return download(page.file) if page.file else _answer(comparison(page, sent))


def _compared(modality: str, strategy: str | None) -> Comparison:
    spec = find(MODALITIES, modality, "modality")
    if strategy is None:
        return WholeModality(modality=spec)
    return Cohort(modality=spec, strategy=find(STRATEGIES, strategy, "strategy"))


def _answer(document: Document | ImageMap | Problem) -> Response:
    return document.response() if isinstance(document, Problem) else _json(plain(document))


def _json(content: Any) -> Response:
    """JSON in the order of the description, and without room for what JSON has no words for."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    return Response(text, content_type="application/json")
