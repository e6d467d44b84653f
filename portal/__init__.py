"""The portal: one image in, a verdict out, in the browser."""

import secrets
import sys

from flask import Flask

from portal.door import register_door
from portal.error_pages import register_error_pages
from portal.failure_log import register_failure_log
from portal.headers import register_headers
from portal.request_log import register_request_log
from portal.settings import PROJECT, Settings
from portal.upload_limit import register_upload_limit
from portal.upload_rate import register_upload_rate
from portal.uploads import UploadRequest

__version__ = "0.1.0"

# OpenVINO tells Google Analytics of each import, and notes it in ~/intel; without this package it
# does neither. Nothing is to leave the machine.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its settings, headers and error pages; `RouteRegistry` adds the routes.

    Raises:
        SettingRefused: ``settings`` are not given and the environment's cannot be used.
    """
    settings = settings or Settings.from_environment()
    app = Flask(__name__, root_path=str(PROJECT))
    app.request_class = UploadRequest
    app.config["PORTAL"] = settings
    app.config["SECRET_KEY"] = settings.secret_key or secrets.token_hex()
    app.config["MAX_CONTENT_LENGTH"] = settings.max_form_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_form_bytes  # an image sent as a text field
    register_failure_log(app)
    register_request_log(app)
    register_headers(app)
    register_door(app, settings)
    register_upload_limit(app, settings.threads)
    register_upload_rate(app, settings.uploads_per_minute)
    register_error_pages(app)
    return app
