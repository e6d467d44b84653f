"""Work for other processes, which find it here by its name."""

import os
import signal
import time
from pathlib import Path

from portal.scoring.row import Model, Row, Task

MODEL = Model(slug="vgg_ultrasound_initial", fingerprint="0123456789abcdef", threshold=0.41)


def task(file: str) -> Task:
    return Task(file=file, models=(MODEL,))


def answer(asked: Task) -> tuple[Row, ...]:
    """A label for each file; one whose name says so ends its process."""
    if "killer" in asked.file:
        os.kill(os.getpid(), signal.SIGKILL)
    return tuple(
        Row(
            file=asked.file,
            sha256="0" * 64,
            model=model.slug,
            fingerprint=model.fingerprint,
            precision=model.precision,
            probability=0.5,
            calibrated_probability=0.25,
            threshold=model.threshold,
            label="Malignant",
        )
        for model in asked.models
    )


def answer_at_second_try(folder: Path, asked: Task) -> tuple[Row, ...]:
    """A label for each file, but each one's first process is ended by it."""
    tried = folder / asked.file
    if not tried.exists():
        tried.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer(asked)


def answer_and_sign(folder: Path, asked: Task) -> tuple[Row, ...]:
    """A label for each file; who gives it leaves its process number, and takes a moment for it."""
    (folder / str(os.getpid())).touch()
    time.sleep(0.1)
    return answer(asked)
