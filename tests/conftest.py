"""Fixtures that several rooms of the tests share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from portal import create_app
from portal.route_registry import RouteRegistry
from portal.services import Services
from portal.settings import Settings
from tests.fakes import write_checkpoints, write_gates, write_predictions, write_subgroups

# The same examples each time, and few; or, asked for by name, many new ones. None are kept.
settings.register_profile("few", max_examples=200, deadline=None, derandomize=True, database=None)
settings.register_profile("many", max_examples=3000, deadline=None, database=None)
settings.load_profile("few")


@dataclass(frozen=True, kw_only=True)
class Portal:
    """A portal under test and what stands behind it."""

    app: Flask
    routes: RouteRegistry
    settings: Settings

    @property
    def client(self) -> FlaskClient:
        """A fresh client."""
        return self.app.test_client()

    def uploads(self) -> list[Path]:
        """What lies in the upload folder; empty between requests."""
        return list(self.settings.upload_folder.iterdir())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small checkpoint of every model; only to be read.

    The predictions that go with them, and what is known of their images, lie beside it.
    """
    place = tmp_path_factory.mktemp("models")
    write_predictions(place / "predictions")
    write_subgroups(place / "subgroups")
    return write_checkpoints(place / "checkpoints")


@pytest.fixture(scope="session")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a gate for every modality that any picture passes; only to be read."""
    return write_gates(tmp_path_factory.mktemp("gates"))


@pytest.fixture(scope="session")
def make_portal(tmp_path_factory: pytest.TempPathFactory, gates: Path) -> Callable[..., Portal]:
    """Makes a portal over a folder of checkpoints, with its real services or others."""

    cache = tmp_path_factory.mktemp("cache")  # one for all: it tells checkpoints apart

    def make(
        checkpoints: Path, services: Services | None = None, **settings: int | str | Path
    ) -> Portal:
        folders = {
            "checkpoints": checkpoints,
            "gates": gates,
            "upload_dir": tmp_path_factory.mktemp("uploads"),
            "cache_dir": cache,
        }
        chosen = Settings(**folders | settings)
        app = create_app(chosen)
        return Portal(app=app, routes=RouteRegistry(app, services), settings=chosen)

    return make


@pytest.fixture(scope="session")
def portal(make_portal: Callable[..., Portal], installed: Path) -> Portal:
    """A portal in which every model is installed; models that are opened stay open."""
    return make_portal(installed)
