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
def serve(start: Start, installed: Path) -> Callable[..., int]:
    """Starts the portal with all models, waits until it answers, and gives its port."""

    def begin(**environment: object) -> int:
        port = free_port()
        process = start(PORT=port, CHECKPOINTS=installed, **environment)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ready")
        return port

    return begin
