"""RayCluster: files scored by the workers of an existing Ray engine."""

import logging
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Self

from portal.errors import PortalError
from portal.scoring.row import Row, Task, Work
from portal.settings import PROJECT

_log = logging.getLogger(__name__)
_AHEAD = 4  # tasks for each processor, so that no worker waits
_TRIES_AGAIN = 3  # for a task whose worker came to an end
_KILLER = "The workers that read this file came to an end."

Rows = tuple[Row, ...]


class RayRefused(PortalError):
    title = "Ray cannot be used"


class RayCluster:
    """Scores tasks in their order on Ray; one whose worker ends is given to another.

    Every machine of the engine needs the project, the checkpoints and the images at the same
    paths, as on a shared disk.

    Raises:
        RayRefused: Ray is not installed, or there is none at the address.
    """

    def __init__(self, work: Work, address: str) -> None:
        self._ray = _ray()
        environment = {"env_vars": {"PYTHONPATH": str(PROJECT)}}
        stop = signal.getsignal(signal.SIGTERM)
        try:
            self._ray.init(address=address, runtime_env=environment, log_to_driver=False)
        except Exception as error:  # Ray raises many kinds, its own base among them
            _log.exception("Ray could not be reached")
            raise RayRefused(
                expected=f"a Ray engine at {address}",
                received="none that answers",
                action="Start one (see docs/scoring.md), or leave out --ray.",
            ) from error
        finally:
            signal.signal(signal.SIGTERM, stop)  # Ray puts its own in its place
        self._work = self._ray.remote(max_retries=_TRIES_AGAIN)(work_on)
        self._given = self._ray.put(work)
        errors = self._ray.exceptions
        self._ends = errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._ray.shutdown()

    def scored(self, tasks: Iterable[Task]) -> Iterator[Rows]:
        """The rows of each task, as soon as these and all before them are there."""
        most = _AHEAD * int(self._ray.cluster_resources().get("CPU", 1))
        line: deque[tuple[Task, Any]] = deque()
        for task in tasks:
            line.append((task, self._work.remote(self._given, task)))
            if len(line) > most:
                yield self._finished(*line.popleft())
        while line:
            yield self._finished(*line.popleft())

    def _finished(self, task: Task, rows: Any) -> Rows:
        try:
            found: Rows = self._ray.get(rows)
        except self._ends:
            return task.refused(_KILLER)
        return found


def work_on(work: Work, task: Task) -> Rows:
    """Do a task; Ray sends the work once and the tasks one by one."""
    return work(task)


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise RayRefused(
            expected="the package ray",
            received="none",
            action="Install it with `pip install ray`, or leave out --ray.",
        ) from error
    return ray
