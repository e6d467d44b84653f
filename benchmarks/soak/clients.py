"""Clients that ask until they are told to stop, and note every answer."""

import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from benchmarks.serving.images import upload
from benchmarks.serving.load import BACK_OFF
from benchmarks.serving.server import HOST
from benchmarks.serving.uploads import form
from benchmarks.soak.record import NONE, Answer
from models.catalogue import model_keys

PATIENCE = 120  # seconds
BROKEN = 8  # one upload of so many is no image
KEYS = tuple({key.modality.key: key for key in reversed(model_keys())}.values())  # one of each
ROUND = len(KEYS) * BROKEN  # questions, after which they come again


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request."""

    place: str
    body: bytes | None = None
    headers: dict[str, str]
    method: str = "POST"


def questions(first: int = 0) -> Iterator[Question]:
    """Uploads to each modality in turn, a broken one among them, for ever."""
    for number in itertools.count(first):
        key = KEYS[number % len(KEYS)]
        broken = number % BROKEN == BROKEN - 1
        image = b"no image" if broken else upload(key.modality, number % BROKEN)
        body, headers = form("image", image, anyway="yes")
        yield Question(place=f"/{key}", body=body, headers=headers)


def keep_asking(
    port: int, asked: Iterable[Question], began: float, stop: threading.Event
) -> list[Answer]:
    """Ask one after the other, each on a connection of its own, until ``stop`` is set."""
    answers = []
    for question in asked:
        if stop.is_set():
            break
        sent = time.perf_counter()
        status = ask(port, question)
        seconds = time.perf_counter() - sent
        answers.append(Answer(at=sent - began, seconds=seconds, status=status))
        if status != 200:
            stop.wait(BACK_OFF)
    return answers


def ask(port: int, question: Question) -> int:
    """The status of the answer, read to its end; `NONE` where there is none."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request(question.method, question.place, question.body, question.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException):
        return NONE
    finally:
        connection.close()
    return answer.status
