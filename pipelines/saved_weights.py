"""Saved weights: what a training keeps on disk while it learns, each file whole or not at all."""

import math
from pathlib import Path

import keras

from models.files import put_in_place
from pipelines.errors import DamagedRun
from pipelines.training_log import MONITOR


def save_whole(model: keras.Model, path: Path) -> None:
    """Write weights and the optimizer's state, whole or not at all, as ``*.weights.h5``."""
    partial = path.with_name(f"part-{path.name}")
    model.save_weights(partial, overwrite=True)
    put_in_place(partial, path)


def load_whole(model: keras.Model, path: Path) -> None:
    """Read what ``save_whole`` wrote.

    Raises:
        DamagedRun: the file holds something else, as after a full disk or a power cut.
    """
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise DamagedRun(path) from error


class Backup(keras.callbacks.Callback):
    """Keeps the state after the last whole epoch; a new run begins with it.

    Unlike with Keras' BackupAndRestore, a kill while it is written does no harm.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the state in ``folder``, in a file named for the epochs that are done."""
        super().__init__()
        self._folder = folder

    @property
    def epochs_done(self) -> int:
        """How many epochs the newest state has behind it."""
        return max((int(path.name.partition(".")[0]) for path in self._states()), default=0)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Go on where an earlier run was; ``fit`` must begin at ``epochs_done``."""
        for state in self._states()[-1:]:
            load_whole(self.model, state)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the new state, then drop the old one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        old = self._states()
        save_whole(self.model, self._folder / f"{epoch + 1:06d}.weights.h5")
        for path in old:
            path.unlink()

    def _states(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.weights.h5"))


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights of the best validation AUC, from the epoch on in which they may count."""

    def __init__(self, path: Path, *, first_epoch: int, earlier: float | None) -> None:
        """Write to ``path``; ``earlier`` is the best value of a resumed run."""
        super().__init__()
        self._path, self._first_epoch = path, first_epoch
        self._best = earlier if earlier is not None and path.is_file() else -math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save if better; not before the zeros are in place."""
        value = (logs or {})[MONITOR]
        if epoch >= self._first_epoch and value > self._best:
            self._best = value
            save_whole(self.model, self._path)
