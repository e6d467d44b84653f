"""Kills a run at a moment, as a power cut would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras

ROOT = Path(__file__).parents[2]


def kill_when(happened: Callable[[], bool], arguments: Sequence[str], folder: Path = ROOT) -> None:
    """Run Python in ``folder`` with these arguments, and kill it as soon as this happened."""
    environment = {
        **os.environ,
        "KERAS_BACKEND": keras.backend.backend(),
        "PYTHONPATH": str(ROOT),
    }
    words = [sys.executable, *arguments]
    with subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        while not happened():
            assert process.poll() is None, "the run ended too early"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
