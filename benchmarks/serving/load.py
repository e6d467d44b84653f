"""Many clients at once, each sending its next upload as soon as the last is answered."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from benchmarks.serving.uploads import NoVerdict

BACK_OFF = 0.05  # seconds that a client waits after a refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of some seconds of load."""

    latencies: np.ndarray  # (answers,) seconds
    refused: int  # answers without a verdict, such as 503
    seconds: float  # from the first upload to the last answer

    @property
    def rate(self) -> float:
        """Verdicts per second."""
        return len(self.latencies) / self.seconds


def under_load(ask: Callable[[], object], clients: int, seconds: float) -> Load:
    """Keep ``clients`` clients asking for some seconds."""
    start = threading.Barrier(clients)

    def work(_: int) -> tuple[list[float], int]:
        start.wait()
        return _client(ask, time.perf_counter() + seconds)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = list(pool.map(work, range(clients)))
    return Load(
        latencies=np.array([value for times, _ in done for value in times]),
        refused=sum(refused for _, refused in done),
        seconds=time.perf_counter() - began,
    )


def _client(ask: Callable[[], object], end: float) -> tuple[list[float], int]:
    """The seconds of each answer until ``end``, and the count of refusals."""
    times: list[float] = []
    refused = 0
    while (began := time.perf_counter()) < end:
        try:
            ask()
        except NoVerdict:
            refused += 1
            time.sleep(BACK_OFF)
        else:
            times.append(time.perf_counter() - began)
    return times, refused
