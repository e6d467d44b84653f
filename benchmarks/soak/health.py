"""A process of its own that asks for health: the clients' work is not to stand in its way."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from benchmarks.soak.clients import Question, ask
from benchmarks.soak.record import Answer

PAUSE = 0.1  # seconds between two questions
HEALTH = Question(method="GET", place="/healthz", headers={})

Told = Callable[[], list[Answer]]


@contextmanager
def health_asked(port: int, began: float) -> Iterator[Told]:
    """Ask for health while the block runs; the value ends it and gives the answers."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_keep_asking, args=(port, began, theirs), daemon=True)
    process.start()

    def told() -> list[Answer]:
        ours.send(None)
        answers: list[Answer] = ours.recv()
        process.join()
        return answers

    try:
        yield told
    finally:
        process.kill()


def _keep_asking(port: int, began: float, stop: Connection) -> None:
    os.setsid()  # the processor is shared out by sessions
    answers = []
    while not stop.poll(PAUSE):
        sent = time.perf_counter()
        status = ask(port, HEALTH)
        seconds = time.perf_counter() - sent
        answers.append(Answer(at=sent - began, seconds=seconds, status=status))
    stop.send(answers)
