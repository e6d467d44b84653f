"""``python -m portal`` as a user runs it."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from html import unescape
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest

from models.catalogue import model_keys
from portal.server import Server
from portal.settings import Settings
from tests.fakes import encoded, pixels, png
from tests.functional.pages import banners, verdicts
from tests.functional.serving import (
    ROOT,
    Start,
    ask,
    free_port,
    is_answered,
    upload,
    wait_until,
    workers,
)

Launch = Callable[..., tuple[subprocess.Popen[str], int]]


def test_it_says_when_it_is_ready_answers_and_ends_quietly(start: Start, installed: Path) -> None:
    port = free_port()
    process = start(PORT=port, CHECKPOINTS=installed)
    assert process.stdout is not None
    assert process.stdout.readline() == f"Ready: http://127.0.0.1:{port}\n"
    (verdict,) = verdicts(upload(port, "/vgg_ultrasound_initial", png()).page)
    assert verdict.model == "vgg_ultrasound_initial"
    os.killpg(process.pid, signal.SIGINT)
    rest, complaints = process.communicate(timeout=60)
    assert process.returncode == 0
    assert rest == ""
    assert "Traceback" not in complaints
    assert "ERROR" not in complaints
    lines = [json.loads(line) for line in complaints.splitlines() if line.startswith("{")]
    (said,) = [line["verdicts"] for line in lines if line["method"] == "POST"]
    assert [(one["model"], one["label"]) for one in said] == [(verdict.model, verdict.label)]


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
        ("PORT", "9" * 5000, "Expected PORT as a whole number"),
        ("THREADS", "0", "Expected THREADS as a whole number"),
        ("PRECISION", "int4", "Expected PRECISION as f32 or bf16 or int8"),
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
    serve: Callable[..., int],
) -> None:
    port = serve(MAX_UPLOAD_MB=1)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/vgg_ultrasound_initial", bytes(6 * 2**20), headers)
    answer = connection.getresponse()
    assert answer.status == 413
    assert len(banners(answer.read().decode())) == 1
    connection.close()


@pytest.mark.parametrize(("proxies", "is_believed"), [(0, False), (1, True)])
def test_only_proxies_that_were_told_of_say_how_it_is_asked(
    serve: Callable[..., int], proxies: int, is_believed: bool
) -> None:
    port = serve(PROXIES=proxies)
    for headers, counts in (
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Ssl": "on"}, False),
        ({"X-Forwarded-Protocol": "ssl"}, False),
        ({"SCRIPT_NAME": "/elsewhere", "PATH_INFO": "/no-page"}, False),
    ):
        answer = ask(port, "GET", "/", **headers)
        assert answer.status == 200
        assert ("Strict-Transport-Security" in answer.headers) == (is_believed and counts)
        assert "/elsewhere" not in answer.page


def test_nothing_heavy_is_loaded_before_the_fork() -> None:
    heavy = {"keras", "openvino", "tensorflow", "cv2", "numpy", "h5py", "PIL"}
    code = f"import sys, portal.server; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


def test_a_killed_worker_comes_back_and_leaves_no_image(launch: Launch, tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    process, port = launch()
    (worker,) = workers(process.pid)
    large = encoded(pixels(size=(3000, 3000)), compress_level=1)
    with ThreadPoolExecutor() as pool:
        cut = pool.submit(upload, port, "/vgg_ultrasound_initial", large)
        while not list(uploads.iterdir()):
            assert not cut.done()
        os.kill(worker, signal.SIGKILL)
        assert isinstance(cut.exception(), OSError | HTTPException)
    left = {path.name for path in uploads.iterdir()}
    wait_until(lambda: is_answered(lambda: ask(port, "GET", "/healthz")))
    (verdict,) = verdicts(upload(port, "/vgg_ultrasound_initial", png()).page)
    assert verdict.model == "vgg_ultrasound_initial"
    assert left
    assert list(uploads.iterdir()) == []
    assert worker not in workers(process.pid)


def test_after_a_worker_is_killed_an_open_result_is_still_saved(launch: Launch) -> None:
    process, port = launch()
    page = upload(port, "/vgg_ultrasound_initial", png()).page
    (result,) = re.findall(r'name="result" value="([^"]+)"', page)
    (worker,) = workers(process.pid)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: worker not in workers(process.pid))
    body = urlencode({"result": unescape(result)}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    saved = ask(port, "POST", "/report.json", body, **form)
    assert saved.status == 200
    assert json.loads(saved.page)["models"][0]["model"] == "vgg_ultrasound_initial"


def test_more_connections_than_files_may_be_open_leave_the_worker_alive(launch: Launch) -> None:
    process, port = launch()
    (worker,) = workers(process.pid)
    most = len(list(Path(f"/proc/{worker}/fd").iterdir())) + 5
    _, hard = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (most, hard))
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
        time.sleep(1)  # in which it lets in as many as it can
        assert workers(process.pid) == [worker]
    assert ask(port, "GET", "/healthz").status == 200
    assert workers(process.pid) == [worker]


def test_connections_leave_files_for_threads_and_models() -> None:
    options = Server(Settings(threads=256)).options()
    assert options["threads"] < options["worker_connections"]
    most = options["worker_connections"] + options["threads"]  # each may have an upload open
    assert most + len(model_keys()) + 100 < 1024


def test_while_it_stops_nobody_is_kept_waiting(launch: Launch) -> None:
    process, port = launch()
    form = b"--x\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\n"
    body = form + png() + b"\r\n--x--\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as slow:
        slow.sendall(
            b"POST /vgg_ultrasound_initial HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body[:200])
        )
        time.sleep(0.5)  # so that a thread has begun to read it
        os.kill(process.pid, signal.SIGTERM)
        wait_until(lambda: is_refused(port))
        slow.sendall(body[200:])
        answer = b"".join(iter(lambda: slow.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert len(verdicts(answer.decode("utf-8", "replace"))) == 1
    process.communicate(timeout=60)
    assert process.returncode == 0


def is_refused(port: int) -> bool:
    """Whether a new connection is refused at once, so that a proxy asks another portal."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return False
    except ConnectionRefusedError:
        return True


def test_one_that_is_killed_before_its_models_are_kept_starts_and_answers_again(
    launch: Launch,
) -> None:
    answers = []
    for _ in range(2):
        process, port = launch()
        (verdict,) = verdicts(upload(port, "/vgg_ultrasound_initial", png()).page)
        answers.append(verdict)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert answers[0] == answers[1]


def test_a_model_that_answers_is_soon_kept(launch: Launch, tmp_path: Path) -> None:
    launch()  # by then it has asked one model
    wait_until(lambda: list((tmp_path / "cache").glob("*.network")))
    assert len(list((tmp_path / "cache").iterdir())) == 1
