import threading
import time

import pytest

from benchmarks.serving.load import under_load
from benchmarks.serving.uploads import NoVerdict


@pytest.mark.parametrize("clients", [1, 4])
def test_as_many_clients_as_asked_for_are_busy_at_once(clients: int) -> None:
    together = threading.Barrier(clients)  # lets nobody through before all have come

    def answer() -> None:
        together.wait(30)
        time.sleep(0.6)

    found = under_load(answer, clients, 0.5)
    assert len(found.latencies) == clients
    assert found.refused == 0
    assert found.rate == pytest.approx(clients / found.seconds)


def test_refusals_are_counted_apart() -> None:
    def refuse() -> None:
        raise NoVerdict(expected="status 200", received="503")

    found = under_load(refuse, 2, 0.01)
    assert len(found.latencies) == 0
    assert found.refused >= 2
    assert found.rate == 0
