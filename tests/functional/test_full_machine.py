"""A machine that has no room: nothing is wrong with the image, and another replica may be asked."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from models.catalogue import cohorts, model_keys
from portal.file_manager import FileManager
from portal.image_loader import ImageLoader
from portal.leftovers import new_name
from portal.prediction_queue import PredictionQueue
from portal.services import Services
from tests.conftest import Portal
from tests.fakes import encoded, pixels, png
from tests.functional.composed import composed
from tests.functional.pages import banners
from tests.functional.serving import ROOT

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


@pytest.fixture
def full(
    make_portal: Callable[..., Portal], installed: Path, gates: Path, tmp_path: Path
) -> FlaskClient:
    """Of a portal that finds no memory to prepare an image in."""
    services = composed(
        installed,
        gates,
        tmp_path,
        opener=lambda _path: lambda _tensor: 0.5,
        queue=PredictionQueue(running=1, waiting=1),
    )
    services = replace(services, intake=replace(services.intake, images=Full()))
    return make_portal(installed, services).client


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_image_that_finds_no_memory_may_be_sent_again(
    full: FlaskClient, tmp_path: Path, address: str
) -> None:
    assert "could not be read just now" in refused(full, address)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_map_that_finds_no_memory_leaves_image_and_square_on_the_page(full: FlaskClient) -> None:
    film = encoded(pixels(size=(60, 60)).repeat(10, axis=0).repeat(10, axis=1))
    data = {"image": (BytesIO(film), "film.png"), "extent": "sweep", "side": "256"}
    answer = full.post(f"/{KEY}", data=data)
    assert answer.status_code == 200  # its first step had been sent
    (banner,) = banners(answer.text)
    assert "could not be read just now" in banner
    assert "data-stays" in answer.text


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


def test_it_is_not_ready_while_its_folder_has_no_room_for_an_upload(
    make_portal: Callable[..., Portal], portal: Portal, installed: Path, tmp_path: Path
) -> None:
    services = Services.of(portal.settings)
    files = FileManager(tmp_path / "uploads", largest=2**62)  # more than any disk has
    services = replace(services, intake=replace(services.intake, files=files))
    answer = make_portal(installed, services).client.get("/readyz")
    assert answer.status_code == 503
    (failed,) = (check for check in answer.json["checks"] if not check["passed"])
    assert failed["name"] == "uploads"
    assert failed["detail"].startswith("no room")


def mounts_may_be_made() -> bool:
    """Whether this user may mount, seen by nobody else."""
    tried = ("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt")
    try:
        return subprocess.run(tried, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


FOLDERS = {
    "an empty folder": ("2m", "", "True"),
    "one without a limit": ("0", "", "True"),
    "another's file": ("2m", "notes.txt", "False"),
    "an upload that is being read": ("2m", new_name(), "True"),
}


@pytest.mark.skipif(not mounts_may_be_made(), reason="needs leave to mount a small folder")
@pytest.mark.parametrize("case", FOLDERS)
def test_room_is_for_the_largest_upload_that_is_taken(case: str, tmp_path: Path) -> None:
    size, name, has_room = FOLDERS[case]
    code = f"""
import fcntl, sys
from pathlib import Path
from portal.services import Services
from portal.settings import Settings
folder = Path({str(tmp_path)!r})
if {name!r}:
    file = (folder / {name!r}).open("wb")
    fcntl.flock(file, fcntl.LOCK_EX)
    file.write(bytes(3 * 2**19))
    file.flush()
services = Services.of(Settings(upload_dir=folder, cache_dir=folder / "cache", max_upload_mb=1))
print(services.intake.files.has_room())
"""
    mount = f'mount -t tmpfs -o mode=700,size={size} tmpfs {tmp_path} && exec "$0" -c "$1"'
    told = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount, sys.executable, code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [has_room]
