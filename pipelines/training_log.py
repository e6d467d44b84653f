"""The history of a run, epoch by epoch, on disk: what a killed run resumes from."""

import json
import time
from pathlib import Path
from typing import Any

import keras

from models.files import replace_file
from pipelines.errors import DamagedRun
from pipelines.run_folder import read_note

MONITOR = "val_auc"  # by which the best epoch is known
_NAMES = {"stage", "epoch", "seconds", MONITOR}  # those of a row that are asked for here


class TrainingLog:
    """Rows of a run, one per epoch of a stage; a repeated epoch replaces its row."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier, killed run left.

        Raises:
            DamagedRun: that is no history.
        """
        self._path = path
        self._rows: dict[str, dict[str, Any]] = {}
        if path.is_file():
            self._rows = _read(path)

    def add(self, stage: str, epoch: int, values: dict[str, float]) -> None:
        """Note an epoch (counted from 0) and write the file, whole or not at all."""
        self._rows[f"{stage}/{epoch:03d}"] = {"stage": stage, "epoch": epoch, **values}
        replace_file(self._path, json.dumps(self._rows, indent=1).encode())

    def best(self, stage: str, monitor: str, first_epoch: int) -> float | None:
        """The highest value of a stage from an epoch on; None before there is one."""
        values = [
            row[monitor]
            for row in self._rows.values()
            if row["stage"] == stage and row["epoch"] >= first_epoch
        ]
        return max(values, default=None)

    def values(self, stage: str, monitor: str) -> tuple[float, ...]:
        """What was monitored in the epochs of a stage."""
        return tuple(row[monitor] for row in self._rows.values() if row["stage"] == stage)

    @property
    def history(self) -> dict[str, tuple[float, ...]]:
        """Metric -> value per epoch, the stages stitched together."""
        rows = list(self._rows.values())
        names = [name for name in rows[0] if name not in ("stage", "epoch", "seconds")]
        return {name: tuple(round(row[name], 5) for row in rows) for name in names}

    @property
    def stages(self) -> dict[str, int]:
        """Stage -> its first epoch, counted from 1 over the whole run."""
        first: dict[str, int] = {}
        for number, row in enumerate(self._rows.values(), start=1):
            first.setdefault(row["stage"], number)
        return first

    @property
    def seconds(self) -> float:
        """Time spent in epochs, over all resumed runs."""
        return float(sum(row["seconds"] for row in self._rows.values()))

    @property
    def epochs(self) -> int:
        """Epochs done, over all stages."""
        return len(self._rows)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    rows = read_note(path)
    if not rows or any(not isinstance(row, dict) or _NAMES - row.keys() for row in rows.values()):
        raise DamagedRun(path)
    return rows


class LogEpochs(keras.callbacks.Callback):
    """Writes every epoch of a stage to the log, and a line of it for the reader."""

    def __init__(self, log: TrainingLog, stage: str, epochs: int) -> None:
        """Log the epochs of ``stage``."""
        super().__init__()
        self._log, self._stage, self._epochs = log, stage, epochs

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note the epoch's values."""
        values = {name: float(value) for name, value in (logs or {}).items()}
        values["seconds"] = time.monotonic() - self._began
        self._log.add(self._stage, epoch, values)
        print(
            f"  {self._stage}, epoch {epoch + 1}/{self._epochs}: loss {values['loss']:.3f}, "
            f"AUC {values['auc']:.3f}, validation AUC {values[MONITOR]:.3f} "
            f"({values['seconds']:.0f} s)",
            flush=True,
        )
