"""Postponed: work that waits a moment, so that an answer need not wait for it."""

import threading
from collections.abc import Callable

Work = Callable[[], None]


class Postponed:
    """One piece of work at a time, done by a thread of its own some seconds after it was put here.

    A process that ends does first what still waits; one that is killed does not.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._waiting: tuple[Work, threading.Timer] | None = None

    def put(self, work: Work) -> None:
        """Have work done later; what waited until now is done at once."""
        self.finish()
        timer = threading.Timer(self._seconds, self.finish)
        with self._guard:
            self._waiting = work, timer
        timer.start()

    def finish(self) -> None:
        """Do now what waits, if anything does."""
        with self._guard:
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            work, timer = waiting
            timer.cancel()
            work()
