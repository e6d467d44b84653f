"""No retention, proved: what the portal writes while it is used, abused and killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html import unescape
from http.client import HTTPConnection
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from pydicom import uid

from models.catalogue import cohorts, model_keys
from portal.leftovers import new_name
from portal.private_folder import claim
from portal.settings import Settings
from tests.conftest import Portal
from tests.dicoms import MARK as PATIENT_MARK
from tests.dicoms import dicom
from tests.fakes import encoded, pixels
from tests.functional.pages import banners, verdicts
from tests.functional.serving import (
    FORM,
    ROOT,
    SlowUpload,
    ask_bytes,
    form,
    free_port,
    is_answered,
    upload,
    wait_until,
    workers,
)
from tests.functional.uploads import bomb, truncated
from tests.functional.watching import Watched, command, watched

pytestmark = pytest.mark.slow
PLACES = [f"/{model_keys()[0]}", f"/{cohorts()[-1]}"]
MAPPED = f"/{next(key for key in model_keys() if key.modality.region)}"
MARK = np.random.default_rng(5).integers(0, 256, 96, dtype=np.uint8)  # 32 pixels of RGB

Begin = Callable[[], int]


def marked_pixels() -> np.ndarray:
    """(300, 400, 3) uint8 RGB; every row begins with the mark."""
    return with_mark(pixels(size=(400, 300)))


def with_mark(picture: np.ndarray) -> np.ndarray:
    """A picture of 256 columns or more, with the mark at every 256th: in each square of a map."""
    for left in range(0, picture.shape[1] - 32, 256):
        picture[:, left : left + 32] = MARK.reshape(32, 3)
    return picture


def marked_film() -> bytes:
    """An uncompressed file of 900 x 700 pixels: of so large an image a map is made."""
    film = pixels(size=(90, 70)).repeat(10, axis=0).repeat(10, axis=1)
    return encoded(with_mark(film), "TIFF")


def marked() -> bytes:
    """The same as an uncompressed file."""
    return encoded(marked_pixels(), "TIFF")


def holds_mark(content: bytes) -> bool:
    """Whether there is a piece of the picture, in either order of colours, or of the patient."""
    reversed_channels = MARK.reshape(32, 3)[:, ::-1].tobytes()
    pieces = (MARK.tobytes(), reversed_channels, PATIENT_MARK.encode())
    return any(piece in content for piece in pieces)


def kind_of_file_system(folder: Path) -> str:
    """As /proc/mounts names it: "tmpfs" lies in memory."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    holding = [(len(at), kind) for at, kind in mounts if folder.is_relative_to(at)]
    return max(holding)[1]


def watched_environment() -> dict[str, str]:
    """This process's environment without what would make the portal write down its coverage."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


class WatchedPortal:
    """A portal in folders of its own, watched or not; it may be killed and started again."""

    def __init__(self, folder: Path, checkpoints: Path, gates: Path) -> None:
        self.port = free_port()
        self.calls = folder / "calls"
        self.private = Path("/dev/shm") / f"breast-portal-test-{os.getpid()}"
        if not self.private.parent.is_dir():
            self.private = folder / "private"
        self.folders = {name: folder / name for name in ("tmp", "home", "cache", "calls")}
        for path in self.folders.values():
            path.mkdir()
        self.log = (folder / "log").open("w+b")
        self.environment = {
            **watched_environment(),
            "PORT": str(self.port),
            "CHECKPOINTS": str(checkpoints),
            "GATES": str(gates),
            "UPLOAD_DIR": str(self.private),
            "CACHE_DIR": str(self.folders["cache"]),
            "TMPDIR": str(self.folders["tmp"]),
            "HOME": str(self.folders["home"]),
            "MAX_UPLOAD_MB": "8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def start(self, *, watch: bool) -> None:
        self.process = subprocess.Popen(
            [*(command(self.calls) if watch else ()), sys.executable, "-m", "portal"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Ready")

    @property
    def master(self) -> int:
        """Gunicorn's master: a child of strace, where that watches."""
        pid = self.process.pid
        return pid if Path(f"/proc/{pid}/comm").read_text() != "strace\n" else workers(pid)[0]

    def stop(self) -> None:
        os.kill(self.master, signal.SIGTERM)
        self.process.communicate(timeout=120)

    def left(self) -> list[str]:
        """The names in the private folder."""
        return [path.name for path in self.private.iterdir()]


@pytest.fixture
def served(tmp_path: Path, installed: Path, gates: Path) -> Iterator[WatchedPortal]:
    portal = WatchedPortal(tmp_path, installed, gates)
    yield portal
    if portal.process.poll() is None:
        os.killpg(portal.process.pid, signal.SIGKILL)
        portal.process.communicate()
    portal.log.close()
    shutil.rmtree(portal.private, ignore_errors=True)


def use_and_abuse(portal: WatchedPortal) -> None:
    """Good uploads, refused ones, maps, clients that hang up."""
    port, picture = portal.port, marked()
    map_whole(portal)
    break_off_a_map(portal)
    study = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}
    film = dicom(marked_pixels()[:, :, 0], uid.JPEG2000Lossless, modality="MG", **study)
    for place in PLACES:
        page = upload(port, place, picture).page
        assert verdicts(page)
        take_home(port, page)
        body = form(picture, explain="yes")
        take_home(port, ask_bytes(port, place, body, **FORM).decode())
        assert upload(port, f"/api/v1/models{PLACES[0]}/predict", picture).status == 200
        assert upload(port, PLACES[0], film, "film").status == 200
        take_home_as_dicom(port, film)
        for broken in (truncated(picture), picture[:9000], b"", bomb(), b"text" + picture):
            assert banners(upload(port, place, broken).page)
        assert upload(port, place, picture * 30).status == 413
        for name in ("a.exe", "a"):
            assert banners(upload(port, place, picture, name=name).page)
        SlowUpload(port, place, picture).hang_up()
        SlowUpload(port, place, picture).finish()


def map_whole(portal: WatchedPortal) -> None:
    """Have every square of a large image mapped."""
    body = form(marked_film(), "film.tif", extent="sweep")
    page = ask_bytes(portal.port, MAPPED, body, **FORM).decode()
    assert 'data-testid="map"' in page
    assert portal.left() == []


def break_off_a_map(portal: WatchedPortal) -> None:
    """Hang up while a map of a hundred squares is made: its file is gone already."""
    connection = HTTPConnection("127.0.0.1", portal.port, timeout=120)
    body = form(marked_film(), "film.tif", extent="sweep", side="100")
    connection.request("POST", MAPPED, body, FORM)
    answer = connection.getresponse()
    begun = b""
    while b"<!--1/" not in begun:
        more = answer.read1()
        assert more
        begun += more
    assert portal.left() == []
    connection.close()
    answer.close()
    assert b"<!doctype html>" not in begun
    assert int(re.findall(rb"<!--1/(\d+)-->", begun)[0]) >= 100


def assert_one_map_was_whole_and_one_broken_off(portal: WatchedPortal) -> None:
    """The log has what an answer took once it is whole, and of one that is broken off nothing."""
    lines = Path(portal.log.name).read_text("utf-8").splitlines()
    requests = [json.loads(line) for line in lines if line.startswith('{"time"')]
    whole, broken_off, *_ = [each for each in requests if each.get("method") == "POST"]
    assert (whole["route"], broken_off["route"]) == (MAPPED, MAPPED)
    assert "infer" in whole["stages_ms"]
    assert broken_off["stages_ms"] == {}


def take_home(port: int, page: str) -> None:
    """Save a result as PDF and as JSON: both hold a small copy of the prepared image."""
    (token,) = re.findall(r'name="result" value="([^"]+)"', page)
    body = urlencode({"result": unescape(token)}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask_bytes(port, "/report.pdf", body, **kind).startswith(b"%PDF-")
    assert ask_bytes(port, "/report.json", body, **kind).startswith(b"{")


def take_home_as_dicom(port: int, film: bytes) -> None:
    """Have a DICOM file answered with one: it names the patient, as the upload does."""
    for place in (PLACES[0], f"/api/v1/models{PLACES[0]}/predict"):
        for answer in ("dicom-sr", "dicom-sc"):
            body = form(film, "film", answer=answer, explain="yes", anyway="yes")
            made = ask_bytes(port, place, body, **FORM)
            assert made[128:132] == b"DICM"
            assert PATIENT_MARK.encode() in made


def cut_down(portal: WatchedPortal, pid: int) -> None:
    """Kill a process while an upload lies in the private folder."""
    large = encoded(np.tile(MARK, (1500, 50)).reshape(1500, -1, 3), "PNG", compress_level=1)
    large += bytes(7 * 2**20 - len(large))
    for _ in range(20):
        slow = SlowUpload(portal.port, PLACES[0], large)
        slow.send_rest()
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if portal.left():
                os.kill(pid, signal.SIGKILL)
                slow.hang_up()
                assert portal.left()
                return
        slow.hang_up()
    raise AssertionError("no upload was ever seen on its way")


def answer_patiently(portal: WatchedPortal) -> None:
    def asked() -> None:
        assert verdicts(upload(portal.port, PLACES[0], marked()).page)

    wait_until(lambda: is_answered(asked))


def scanned(folders: list[Path]) -> tuple[int, list[Path]]:
    """How many files there are, and which hold a piece of the picture."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return len(files), [path for path in files if holds_mark(path.read_bytes())]


def newer(folder: Path, time_began: float) -> list[Path]:
    """Files of the project that changed since."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts and path.stat().st_mtime > time_began
    ]


def test_the_mark_is_found_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(marked())
    (tmp_path / "b.bmp").write_bytes(encoded(np.tile(MARK, (4, 1)).reshape(4, 32, 3), "BMP"))
    (tmp_path / "c.txt").write_bytes(b"nothing")
    (tmp_path / "d.txt").write_text(f"the name {PATIENT_MARK}^Ada", "utf-8")
    count, found = scanned([tmp_path])
    assert count == 4
    assert {path.name for path in found} == {"a.tif", "b.bmp", "d.txt"}


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no memory-backed folder here")
def test_the_private_folder_lies_in_memory_where_there_is_any() -> None:
    assert kind_of_file_system(Settings().upload_folder) == "tmpfs"


def test_a_start_removes_what_lies_where_uploads_lay_before(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    places = {Settings().upload_folder, Settings(predictions=64, max_upload_mb=1024).upload_folder}
    left = [claim(place) / new_name() for place in places]
    for file in left:
        file.write_bytes(b"left over")
    make_portal(tmp_path)
    assert not any(file.exists() for file in left)


def test_nothing_of_an_upload_is_left_by_use_abuse_or_death(served: WatchedPortal) -> None:
    began = time.time()
    served.start(watch=False)
    use_and_abuse(served)
    assert served.left() == []
    (worker,) = workers(served.master)
    cut_down(served, worker)
    answer_patiently(served)
    assert served.left() == []
    cut_down(served, served.master)
    os.killpg(served.process.pid, signal.SIGKILL)
    served.process.communicate()
    left = served.left()
    assert all(re.fullmatch(r"upload-[0-9a-f]{32}", name) for name in left)
    assert all((served.private / name).stat().st_mode & 0o077 == 0 for name in left)
    served.start(watch=False)
    assert served.left() == []
    served.stop()
    assert served.left() == []
    served.log.flush()
    assert_one_map_was_whole_and_one_broken_off(served)
    count, found = scanned([*served.folders.values(), Path(served.log.name).parent])
    assert count
    assert found == []
    assert not [path for path in newer(ROOT, began) if holds_mark(path.read_bytes())]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_kernel_sees_nothing_written_but_the_upload_and_nobody_called(
    served: WatchedPortal,
) -> None:
    served.start(watch=False)
    use_and_abuse(served)  # compiles the models, so that the watched run has no cause to write
    served.stop()
    cache = {path: path.read_bytes() for path in served.folders["cache"].rglob("*.*")}
    served.start(watch=True)
    use_and_abuse(served)
    (worker,) = workers(served.master)
    cut_down(served, worker)
    answer_patiently(served)
    served.stop()
    assert served.left() == []
    assert_one_map_was_whole_and_one_broken_off(served)
    seen = watched(served.calls)
    assert_only_uploads(seen, served)
    assert cache
    assert {path: path.read_bytes() for path in served.folders["cache"].rglob("*.*")} == cache


def assert_only_uploads(seen: Watched, served: WatchedPortal) -> None:
    """Written: uploads in the private folder, the log, and Python's trial of its TMPDIR."""
    uploads = re.compile(rf"{re.escape(str(served.private))}/upload-[0-9a-f]{{32}}")
    temporary = re.escape(str(served.folders["tmp"]))
    trial = re.compile(rf"{temporary}/[a-z0-9_]{{8}}(?: \(deleted\))?")  # of tempfile: "blat"
    heartbeat = re.compile(rf"{temporary}/wgunicorn-\w+(?: \(deleted\))?")  # never written
    assert len([path for path in seen.written if uploads.fullmatch(path)]) >= 2 * len(PLACES)
    written = [path for path in seen.written if not uploads.fullmatch(path)]
    assert [path for path in written if not trial.fullmatch(path)] == [served.log.name]
    opened = [path for path in seen.opened if not uploads.fullmatch(path)]
    harmless = {"/dev/null", "/dev/tty", served.log.name}
    others = [path for path in opened if not (trial.fullmatch(path) or heartbeat.fullmatch(path))]
    assert set(others) <= harmless
    assert seen.named == frozenset()
    assert {ip_address(address).is_loopback for address in seen.called} == {True}
