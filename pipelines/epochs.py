"""Epochs: which one it is decides the images and the dropout, also after a kill."""

from typing import Protocol

import keras
from keras import ops


class EpochBatches(Protocol):
    """Batches that deal out their images anew in every epoch."""

    def __len__(self) -> int:
        """Batches of an epoch."""

    def start(self, epoch: int) -> None:
        """Deal out the images of an epoch, counted from 0."""


class StartEpoch(keras.callbacks.Callback):
    """Tells the batches, and the dropout, which epoch of the run it is, also after a resume."""

    def __init__(self, batches: EpochBatches, before: int) -> None:
        """Tell these batches, counting on from the ``before`` epochs of earlier stages."""
        super().__init__()
        self._batches, self._before = batches, before

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Deal out the epoch's images; count the dropout's draws as if training never stopped.

        Keras keeps this count, one draw a step, in no weights file.
        """
        epoch += self._before
        self._batches.start(epoch)
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout):
                state = layer.seed_generator.state
                seed = int(ops.convert_to_numpy(state)[0])
                state.assign([seed, epoch * len(self._batches)])
