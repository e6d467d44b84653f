"""A machine that has no room: nothing is wrong with the image, and another replica may be asked."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from models.catalogue import cohorts, model_keys
from portal.image_loader import ImageLoader
from portal.prediction_queue import PredictionQueue
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.composed import composed
from tests.functional.pages import banners

KEY = model_keys()[0]
ADDRESSES = (f"/{KEY}", f"/{cohorts()[0]}", f"/api/v1/models/{KEY}/predict")


class Full(ImageLoader):
    """Finds no memory to prepare an image in."""

    def prepare(self, *_arguments: object) -> object:
        raise MemoryError


def refused(client: FlaskClient, address: str) -> str:
    """The title of the one refusal, which has to come with status 503."""
    answer = client.post(address, data={"image": (BytesIO(png()), "a.png")})
    assert answer.status_code == 503
    if answer.json:
        return str(answer.json["title"])
    (banner,) = banners(answer.text)
    return banner


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_image_that_finds_no_memory_may_be_sent_again(
    make_portal: Callable[..., Portal], installed: Path, gates: Path, tmp_path: Path, address: str
) -> None:
    services = composed(
        installed,
        gates,
        tmp_path,
        opener=lambda _path: lambda _tensor: 0.5,
        queue=PredictionQueue(running=1, waiting=1),
    )
    services = replace(services, intake=replace(services.intake, images=Full()))
    client = make_portal(installed, services).client
    assert "could not be read just now" in refused(client, address)
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_upload_that_finds_no_folder_may_be_sent_again(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path, address: str
) -> None:
    folder = tmp_path / "uploads"
    client = make_portal(installed, upload_dir=folder).client
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert "could not be taken in just now" in refused(client, address)
    assert list(tmp_path.iterdir()) == [folder]
    folder.unlink()
    assert client.post(address, data={"image": (BytesIO(png()), "a.png")}).status_code == 200
