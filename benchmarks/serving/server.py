"""A server under measurement: started on a free port of the loopback, and surely stopped."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.serving.errors import BenchmarkRefused

HOST = "127.0.0.1"
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 300  # seconds, to listen
GRACE = 30  # seconds, to end


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that listens, or is about to."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        """Return as soon as it listens.

        Raises:
            BenchmarkRefused: it ended, or does not listen in time; with its last words.
        """
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.01)
        words = self.log.read_text("utf-8", errors="replace").strip().splitlines()[-15:]
        raise BenchmarkRefused(expected="a server that listens", received="\n".join(words))


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], port: int, grace: float = GRACE
) -> Iterator[Server]:
    """A server's process, not waited for; it and its children are gone when the block ends.

    Args:
        command: what starts it.
        environment: what is set on top of the present environment.
        port: where it will listen; see `free_port`.
        grace: seconds to end by itself before it is killed.
    """
    with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".log") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own commands
            command,
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield Server(port=port, process=process, log=Path(log.name))
        finally:
            _stop(process, grace)


def free_port() -> int:
    """A port of the loopback at which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes], grace: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(grace)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
