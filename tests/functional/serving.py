"""How functional tests talk to a portal that runs in its own process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[str]]

PATIENCE = 120  # seconds; a busy computer is no failure

FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    page: str


def wait_until(happened: Callable[[], object]) -> None:
    """Ask again and again whether something has happened, and fail where it does not."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def is_answered(asked: Callable[[], object]) -> bool:
    """Whether somebody is there to take a request; what is said then is for the asker to judge."""
    try:
        asked()
    except (OSError, HTTPException):
        return False
    return True


def workers(master: int) -> list[int]:
    """The processes that a server has started."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(child) for child in children.split()]


@contextmanager
def started(**folders: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``python -m portal WORDS`` in process groups; what still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*words: object, **environment: object) -> subprocess.Popen[str]:
        given = {name: str(value) for name, value in environment.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", *map(str, words)],
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def form(content: bytes, name: str = "a.png", **fields: str) -> bytes:
    """The body of a form with one image, and fields of text before it."""
    texts = (
        f'--x\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    )
    head = (
        "".join(texts)
        + f'--x\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'
    )
    return head.encode() + content + b"\r\n--x--\r\n"


def ask(port: int, method: str, place: str, body: bytes = b"", **headers: str) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, place, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        return Answer(status=answer.status, headers=dict(answer.headers), page=page)
    finally:
        connection.close()


def ask_bytes(port: int, place: str, body: bytes, **headers: str) -> bytes:
    """The content of an answer that is a file."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", place, body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def upload(port: int, place: str, content: bytes, name: str = "a.png") -> Answer:
    return ask(port, "POST", place, form(content, name), **FORM)


class SlowUpload:
    """An upload whose second half is sent when told to."""

    def __init__(self, port: int, place: str, content: bytes) -> None:
        body = form(content)
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.putrequest("POST", place)
        self._connection.putheader("Content-Type", FORM["Content-Type"])
        self._connection.putheader("Content-Length", str(len(body)))
        self._connection.endheaders()
        self._connection.send(body[: len(body) // 2])
        self._rest = body[len(body) // 2 :]

    def send_rest(self) -> None:
        self._connection.send(self._rest)

    def finish(self) -> Answer:
        self.send_rest()
        answer = self._connection.getresponse()
        page = answer.read().decode()
        self.hang_up()
        return Answer(status=answer.status, headers=dict(answer.headers), page=page)

    def hang_up(self) -> None:
        self._connection.close()
