"""``python -m portal`` as a user runs it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.fakes import png
from tests.functional.pages import banners, verdicts

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the portal in its own process group; what still runs at the end is stopped."""
    running: list[subprocess.Popen[str]] = []
    folders = {"UPLOAD_DIR": str(tmp_path / "uploads"), "CACHE_DIR": str(tmp_path / "cache")}

    def begin(**environment: object) -> subprocess.Popen[str]:
        given = {name: str(value) for name, value in environment.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "portal"],
            cwd=ROOT,
            env={**os.environ, **folders, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def upload(url: str, content: bytes) -> str:
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    request = urllib.request.Request(url, body + content + b"\r\n--x--\r\n", headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.read().decode())


def test_it_says_when_it_is_ready_answers_and_ends_quietly(start: Start, installed: Path) -> None:
    port = free_port()
    process = start(PORT=port, CHECKPOINTS=installed)
    assert process.stdout is not None
    assert process.stdout.readline() == f"Ready: http://127.0.0.1:{port}\n"
    (verdict,) = verdicts(upload(f"http://127.0.0.1:{port}/vgg_ultrasound_initial", png()))
    assert verdict.model == "vgg_ultrasound_initial"
    os.killpg(process.pid, signal.SIGINT)
    rest, complaints = process.communicate(timeout=60)
    assert process.returncode == 0
    assert rest == ""
    assert "Traceback" not in complaints
    assert "ERROR" not in complaints


def test_a_second_one_at_the_same_port_says_what_to_do(start: Start, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        process = start(PORT=listener.getsockname()[1], CHECKPOINTS=tmp_path)
        output, message = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output == ""
    assert "already in use" in message
    assert "PORT=" in message


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("PORT", "eighty", "Expected PORT as a whole number"),
        ("THREADS", "0", "Expected THREADS as a whole number"),
        ("PRECISION", "int4", "Expected PRECISION as f32 or bf16"),
        ("CHECKPOINTS", "/no/such/folder", "set CHECKPOINTS to the one that holds the models"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(
    start: Start, setting: str, value: str, words: str
) -> None:
    process = start(**{"PORT": free_port(), setting: value})
    output, message = process.communicate(timeout=60)
    assert (process.returncode, output) == (1, "")
    assert words in message
    assert "Traceback" not in message


def test_without_models_it_warns_and_serves_its_pages(start: Start, tmp_path: Path) -> None:
    port = free_port()
    process = start(PORT=port, CHECKPOINTS=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == f"Ready: http://127.0.0.1:{port}\n"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assert answer.status == 200
    os.killpg(process.pid, signal.SIGTERM)
    _, complaints = process.communicate(timeout=60)
    assert "Warning: No model is installed" in complaints


def test_a_form_that_is_far_too_large_gets_its_page_not_a_cut_line(
    start: Start, installed: Path
) -> None:
    port = free_port()
    process = start(PORT=port, CHECKPOINTS=installed, MAX_UPLOAD_MB=1)
    assert process.stdout is not None
    process.stdout.readline()
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/vgg_ultrasound_initial", bytes(6 * 2**20), headers)
    answer = connection.getresponse()
    assert answer.status == 413
    assert len(banners(answer.read().decode())) == 1
    connection.close()


def test_nothing_heavy_is_loaded_before_the_fork() -> None:
    heavy = {"keras", "openvino", "tensorflow", "cv2", "numpy", "h5py", "PIL"}
    code = f"import sys, portal.server; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
