"""Stages: how long each part of an answer took."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Stages(dict[str, float]):
    """Seconds by stage, in the order of the stages; one that is entered again adds to its time."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time a block, also one that fails."""
        began = perf_counter()
        try:
            yield
        finally:
            self[stage] = self.get(stage, 0.0) + perf_counter() - began
