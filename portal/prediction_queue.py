"""PredictionQueue: a few predictions at once, a few more that wait, and no others."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from portal.errors import PortalBusy


class PredictionQueue:
    """Gives turns in the order of arrival, and refuses at once whom it would let wait too long.

    Args:
        running: predictions at the same time, 1 or more.
        waiting: how many more may wait, 0 or more.
    """

    def __init__(self, *, running: int, waiting: int) -> None:
        self._most_running = running
        self._most_waiting = waiting
        self._guard = threading.Lock()
        self._running = 0
        self._line: deque[threading.Event] = deque()

    @property
    def running(self) -> int:
        """Predictions that have their turn."""
        return self._running

    @property
    def waiting(self) -> int:
        """Predictions that wait for it."""
        return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[float]:
        """A turn, until the block ends; the value is how long it was waited for, in seconds.

        Raises:
            PortalBusy: too many wait already.
        """
        began = perf_counter()
        gate = self._entered()
        if gate is not None:
            gate.wait()
        try:
            yield perf_counter() - began
        finally:
            self._left()

    def give_way(self) -> None:
        """Let everybody who waits by now go first; for whoever has a turn and is not done yet.

        It is never refused: the line is as long as before.
        """
        with self._guard:
            if not self._line:
                return
            gate = threading.Event()
            self._line.append(gate)
            self._line.popleft().set()
        gate.wait()

    def _entered(self) -> threading.Event | None:
        """What to wait for; None where the turn has come."""
        with self._guard:
            if self._running < self._most_running:
                self._running += 1
                return None
            if len(self._line) >= self._most_waiting:
                raise PortalBusy(
                    expected=f"at most {self._most_waiting} images to wait for their turn",
                    received="one more",
                )
            gate = threading.Event()
            self._line.append(gate)
            return gate

    def _left(self) -> None:
        """Hand the turn to the first of the line: nobody who comes now gets ahead of it."""
        with self._guard:
            if self._line:
                self._line.popleft().set()
            else:
                self._running -= 1
