"""The addresses of the API."""

from flask import Blueprint, Flask
from flask.typing import RouteCallable

from models.errors import Refusal
from portal.api import ROOT
from portal.api.openapi import Description
from portal.api.views import ApiViews, hold_to_the_description, refused
from portal.services import Services
from portal.settings import Settings


def register_api(app: Flask, services: Services) -> tuple[str, ...]:
    """Give ``app`` the routes of the API, and return them.

    A refusal becomes a problem document here; on pages it is a banner.
    """
    settings: Settings = app.config["PORTAL"]
    views = ApiViews(services, Description(max_upload_mb=settings.max_upload_mb))
    reads: dict[str, RouteCallable] = {
        "/models": views.models,
        "/models/<slug>": views.model,
        "/models/<slug>/card": views.card,
        "/openapi.json": views.openapi,
    }
    asks: dict[str, RouteCallable] = {
        "/models/<slug>/predict": views.predict,
        "/models/<slug>/map": views.map,
        "/compare/<modality>": views.compare_all,
        "/compare/<modality>/<strategy>": views.compare,
    }
    api = Blueprint("api", __name__, url_prefix=ROOT)
    api.before_request(hold_to_the_description)
    for method, places in (("GET", reads), ("POST", asks)):
        for place, view in places.items():
            api.add_url_rule(place, view.__name__, view, methods=(method,))
    app.register_blueprint(api)
    app.register_error_handler(Refusal, refused)  # those with a handler of their own come first
    return tuple(f"{ROOT}{place}" for place in (*reads, *asks))
