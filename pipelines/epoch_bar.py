"""How far an epoch is: a bar on a terminal, of which nothing stays; logs are left as they are."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import keras
from tqdm import tqdm

from pipelines.stages import Stage


@contextmanager
def epoch_bar(stage: Stage) -> Iterator[list[keras.callbacks.Callback]]:
    """What shows the steps and the loss of a stage's epochs; nothing where there is no terminal.

    It stands before all callbacks that print, and is taken away however the block ends.
    """
    if not sys.stderr.isatty():
        yield []
        return
    bar = _EpochBar(stage)
    try:
        yield [bar]
    finally:
        bar.close()


class _EpochBar(keras.callbacks.Callback):
    """A bar for each epoch."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._bar: tqdm | None = None

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._bar = tqdm(
            desc=f"  {self._stage.name}, epoch {epoch + 1}/{self._stage.epochs}",
            total=self.params["steps"],
            unit=" steps",
            leave=False,
        )

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {(logs or {})['loss']:.3f}", refresh=False)
            self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
