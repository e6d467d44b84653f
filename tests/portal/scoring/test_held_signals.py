import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from portal.scoring.held_signals import held_back


@pytest.fixture(autouse=True)
def caught() -> Iterator[list[int]]:
    """The signals that came through."""
    seen: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda number, _frame: seen.append(number)) for each in numbers]
    yield seen
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_comes_when_the_block_is_left(number: signal.Signals, caught: list[int]) -> None:
    other = threading.Thread(target=time.sleep, args=(0.2,))  # which may take it from the first
    other.start()
    with held_back():
        os.kill(os.getpid(), number)
        other.join()
        assert caught == []
    assert caught == [number]
    os.kill(os.getpid(), number)
    assert caught == [number, number]


def test_a_signal_comes_after_a_failure_too(caught: list[int]) -> None:
    def fail() -> None:
        with held_back():
            os.kill(os.getpid(), signal.SIGINT)
            raise ValueError("half made")

    with pytest.raises(ValueError, match="half made"):
        fail()
    assert caught == [signal.SIGINT]


def test_what_is_started_in_the_block_does_not_hear_ctrl_c() -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('goes on')"
    with held_back():
        inside = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (inside.stdout, inside.stderr) == (b"goes on\n", b"")
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
