"""The addresses of the API."""

from flask import Blueprint, Flask
from flask.typing import RouteCallable

from models.errors import Refusal
from portal.api import ROOT
from portal.api.openapi import Description
from portal.api.views import (
    CompareView,
    MapView,
    PredictView,
    ReadViews,
    hold_to_the_description,
    refused,
)
from portal.services import Services
from portal.settings import Settings


def register_api(app: Flask, services: Services) -> tuple[str, ...]:
    """Give ``app`` the routes of the API, and return them.

    A refusal becomes a problem document here; on pages it is a banner.
    """
    settings: Settings = app.config["PORTAL"]
    read = ReadViews(services, Description(max_upload_mb=settings.max_upload_mb))
    views: dict[str, RouteCallable] = {
        "/models": read.models,
        "/models/<slug>": read.model,
        "/models/<slug>/card": read.card,
        "/models/<slug>/predict": PredictView.as_view("predict", services),
        "/models/<slug>/map": MapView.as_view("map", services),
        "/compare/<modality>": CompareView.as_view("compare_all", services),
        "/compare/<modality>/<strategy>": CompareView.as_view("compare", services),
        "/openapi.json": read.openapi,
    }
    api = Blueprint("api", __name__, url_prefix=ROOT)
    api.before_request(hold_to_the_description)
    for place, view in views.items():
        api.add_url_rule(place, view.__name__, view)
    app.register_blueprint(api)
    app.register_error_handler(Refusal, refused)  # those with a handler of their own come first
    return tuple(f"{ROOT}{place}" for place in views)
