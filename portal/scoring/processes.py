"""Processes: files scored on this machine, by several processes at a time."""

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Self

from portal.scoring.held_signals import held_back
from portal.scoring.row import Row, Task, Work

_AHEAD = 4  # tasks that wait beside each one that runs, so that no process waits
_KILLER = "The process that read this file came to an end."
_log = logging.getLogger(__name__)

Rows = tuple[Row, ...]


class Processes:
    """Scores tasks in their order, and outlives a file that ends the process which reads it.

    Processes are started afresh, never forked: a fork of a process with threads may hang. Where
    the machine has no room for so many there are fewer, and where it has none for one, a task gets
    no rows.
    """

    def __init__(self, work: Work, count: int) -> None:
        self._work = work
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._end(cancel=True)

    def scored(self, tasks: Iterable[Task]) -> Iterator[Rows]:
        """The rows of each task, as soon as these and all before them are there."""
        line: deque[tuple[Task, Future[Rows]]] = deque()
        for task in tasks:
            line.append((task, self._begun(task)))
            if len(line) > _AHEAD * self._count:
                yield self._finished(*line.popleft())
        while line:
            yield self._finished(*line.popleft())

    def _begun(self, task: Task) -> Future[Rows]:
        """A task that is under way; without room for a process, one that ended without rows."""
        try:
            return self._submitted(task)
        except BrokenProcessPool:
            self._end()
        except (OSError, RuntimeError) as error:  # of a process, of pipes, of the pool's thread
            _log.warning("the machine is full, a process could not be started: %s", error)
            started = len(multiprocessing.active_children())
            self._end()
            if self._count == 1:
                return _ended_without_rows()
            self._count = max(1, min(self._count - 1, started))
        return self._begun(task)

    def _submitted(self, task: Task) -> Future[Rows]:
        """Also starts the processes, which complain where they do not hear what they are to do."""
        if self._pool is None:
            with held_back():  # by itself: the tracker of its locks lets Ctrl-C through again
                self._pool = _pool(self._count)
        with held_back():
            return self._pool.submit(self._work, task)

    def _finished(self, task: Task, rows: Future[Rows]) -> Rows:
        try:
            return rows.result()
        except BrokenProcessPool:
            return self._alone(task)

    def _alone(self, task: Task) -> Rows:
        """A task that was under way when a process ended, by itself: was it the one?"""
        with Processes(self._work, 1) as one:
            try:
                return one._begun(task).result()
            except BrokenProcessPool:
                return task.refused(_KILLER)

    def _end(self, *, cancel: bool = False) -> None:
        """End the processes, once they are done with what is under way or waits."""
        if self._pool is None:
            return
        try:
            self._pool.shutdown(cancel_futures=cancel)
        except RuntimeError:  # its thread could not be started: nobody tells them
            for process in multiprocessing.active_children():
                process.kill()
        self._pool = None


def _ended_without_rows() -> Future[Rows]:
    ended: Future[Rows] = Future()
    ended.set_result(())
    return ended


def _pool(count: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Leave Ctrl-C to the first process, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(RuntimeError):  # no room for a thread: it then ends with its last file
        threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
