"""Requests that break off or are no HTTP: what is answered, counted and logged of them."""

import json
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from models.catalogue import model_keys
from tests.fakes import encoded, film, png
from tests.functional.serving import FORM, ask, form, wait_until

MODEL = next(key for key in model_keys() if key.modality.region)
PIXELS = b"=:6358857>GKLNRVUSNHFGEA"


class Running:
    """A portal in its own process, and what it has written when it is stopped."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.port = port

    def complaints(self) -> str:
        os.killpg(self._process.pid, signal.SIGTERM)
        return self._process.communicate(timeout=60)[1]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=120)

    def wait_until_counted(self, route: str) -> None:
        counted = f'portal_refusals_total{{reason="ClientLeft",route="{route}"}} 1.0'
        wait_until(lambda: counted in ask(self.port, "GET", "/metrics").page.splitlines())


@pytest.fixture
def running(
    launch: Callable[..., tuple[subprocess.Popen[str], int]],
) -> Callable[..., Running]:
    return lambda **environment: Running(*launch(**environment))


def head(**headers: object) -> bytes:
    lines = [f"POST /{MODEL} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {FORM['Content-Type']}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "\r\n"]).encode()


def reset(client: socket.socket) -> None:
    """Leave in the rudest way there is."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def posted(complaints: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in complaints.splitlines() if line.startswith("{")]
    return [line for line in lines if line["method"] == "POST"]


def test_chunks_that_are_none_are_refused_and_not_quoted(running: Callable[..., Running]) -> None:
    portal = running()
    body = form(png())
    with portal.connect() as client:
        client.sendall(head(Transfer_Encoding="chunked"))
        client.sendall(f"{len(body):x}\r\n".encode() + body + b"\r\n" + PIXELS * 100 + b"\r\n")
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"This request could not be read" in answer
    assert PIXELS not in answer
    complaints = portal.complaints()
    assert PIXELS.decode() not in complaints
    assert "Traceback" not in complaints
    (line,) = posted(complaints)
    assert (line["status"], line["refusals"]) == (400, ["UnreadableForm"])


@pytest.mark.parametrize("leave", [reset, socket.socket.close], ids=["reset", "closed"])
def test_whoever_breaks_off_an_upload_has_left(
    running: Callable[..., Running], leave: Callable[[socket.socket], None]
) -> None:
    portal = running()
    client = portal.connect()
    client.sendall(head(Content_Length=10**6) + form(png())[:1000])
    leave(client)
    portal.wait_until_counted(f"/{MODEL}")
    complaints = portal.complaints()
    assert "Traceback" not in complaints
    (line,) = posted(complaints)
    assert (line["status"], line["refusals"]) == (499, ["ClientLeft"])


def _sent_slowly(client: socket.socket, *, pause: float) -> bytes:
    """The answer to an upload that goes on for as long as it can be sent, or stops in between."""
    client.sendall(head(Content_Length=10**5) + form(png())[:1000])
    end = time.monotonic() + 120
    with suppress(OSError):  # the portal reads no more
        while time.monotonic() < end:
            time.sleep(pause)
            client.sendall(b"0" * 20)
    return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.slow
def test_a_form_that_comes_too_slowly_is_told_so(running: Callable[..., Running]) -> None:
    portal = running()
    with portal.connect() as silent, portal.connect() as slow, ThreadPoolExecutor() as pool:
        waiting = [
            pool.submit(_sent_slowly, silent, pause=40),
            pool.submit(_sent_slowly, slow, pause=0.2),
        ]
        answers = [each.result() for each in waiting]
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"The form came too slowly" in answer
    lines = posted(portal.complaints())
    assert [line["refusals"] for line in lines] == [["UploadTooSlow"]] * 2


def test_whoever_breaks_off_what_is_too_large_is_refused_all_the_same(
    running: Callable[..., Running],
) -> None:
    portal = running(MAX_UPLOAD_MB=1)
    client = portal.connect()
    client.sendall(head(Content_Length=2 * 2**20) + bytes(1000))
    reset(client)
    wait_until(lambda: "UploadTooLarge" in ask(portal.port, "GET", "/metrics").page)
    complaints = portal.complaints()
    assert "Traceback" not in complaints
    assert [line["status"] for line in posted(complaints)] == [413]


def test_whoever_leaves_a_map_on_a_page_has_left(running: Callable[..., Running]) -> None:
    portal = running()
    body = form(encoded(film()), extent="sweep", side="100")
    client = portal.connect()
    client.sendall(head(Content_Length=len(body)) + body)
    assert client.recv(10)  # it has begun
    reset(client)
    portal.wait_until_counted(f"/{MODEL}")
    (line,) = posted(portal.complaints())
    assert line["refusals"] == ["ClientLeft"]
