"""A portal that runs in its own process."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.serving import Start, free_port, started


@pytest.fixture
def start(tmp_path: Path, gates: Path) -> Iterator[Start]:
    """Starts the portal in its own process group; what still runs at the end is stopped."""
    folders = {
        "UPLOAD_DIR": str(tmp_path / "uploads"),
        "CACHE_DIR": str(tmp_path / "cache"),
        "GATES": str(gates),
    }
    with started(**folders) as begin:
        yield begin


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
