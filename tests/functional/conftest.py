"""A portal that runs in its own process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.serving import ROOT, Start, free_port


@pytest.fixture
def start(tmp_path: Path, gates: Path) -> Iterator[Start]:
    """Starts the portal in its own process group; what still runs at the end is stopped."""
    running: list[subprocess.Popen[str]] = []
    folders = {
        "UPLOAD_DIR": str(tmp_path / "uploads"),
        "CACHE_DIR": str(tmp_path / "cache"),
        "GATES": str(gates),
    }

    def begin(**environment: object) -> subprocess.Popen[str]:
        given = {name: str(value) for name, value in environment.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "portal"],
            cwd=ROOT,
            env={**os.environ, **folders, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def launch(start: Start, installed: Path) -> Callable[..., tuple[subprocess.Popen[str], int]]:
    """Starts the portal with all models and waits until it answers: its process and its port."""

    def begin(**environment: object) -> tuple[subprocess.Popen[str], int]:
        port = free_port()
        process = start(PORT=port, CHECKPOINTS=installed, **environment)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ready")
        return process, port

    return begin


@pytest.fixture
def serve(launch: Callable[..., tuple[subprocess.Popen[str], int]]) -> Callable[..., int]:
    """The same, for those who only want the port."""
    return lambda **environment: launch(**environment)[1]
