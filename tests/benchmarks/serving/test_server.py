import os
import sys

import psutil
import pytest

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.server import free_port, started

CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'http.server', sys.argv[1]])"
DEAF = "import signal, socket, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
LISTEN = "s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); signal.pause()"


def test_it_listens_and_is_gone_afterwards_with_its_children() -> None:
    port = free_port()
    with started((sys.executable, "-c", CHILD, str(port)), {}, port) as server:
        server.wait()
        family = psutil.Process(server.process.pid).children(recursive=True)
        assert family
    _, left = psutil.wait_procs(family, timeout=10)
    assert all(child.status() == "zombie" for child in left)


def test_one_that_will_not_end_is_ended() -> None:
    port = free_port()
    with started((sys.executable, "-c", DEAF + LISTEN, str(port)), {}, port, grace=0.2) as server:
        server.wait()
    assert server.process.returncode == -9


def test_one_that_ends_at_once_tells_its_last_words() -> None:
    command = (sys.executable, "-c", "import os; raise SystemExit('no ' + os.environ['WORD'])")
    with (
        started(command, {"WORD": "models"}, free_port()) as server,
        pytest.raises(BenchmarkRefused, match="received no models"),
    ):
        server.wait()


def test_the_environment_is_added_to_and_not_replaced() -> None:
    code = "import os, sys; sys.exit(os.environ['PATH'] + os.environ['MORE'])"
    with (
        started((sys.executable, "-c", code), {"MORE": "!"}, free_port()) as server,
        pytest.raises(BenchmarkRefused) as told,
    ):
        server.wait()
    assert told.value.received == os.environ["PATH"] + "!"
