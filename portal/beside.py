"""Beside: a part of an answer that another core may make meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def _always() -> bool:
    return True


class Beside:
    """Has work done by a thread of its own, but only where a core has nothing else to do.

    Args:
        is_free: whether one has; if all are busy, handing work over costs more than it saves.
    """

    def __init__(self, is_free: Callable[[], bool] = _always) -> None:
        self._is_free = is_free
        self._pool = ThreadPoolExecutor(thread_name_prefix="beside")

    def begun(self, work: Callable[[], Made]) -> Callable[[], Made]:
        """What gives the result of ``work``, or raises what it raised, when it is called.

        Without a free core that is the work itself, which whoever calls it does.
        """
        return self._pool.submit(work).result if self._is_free() else work
