"""Learning rate: what sets it, at every step or once, also where a stage is gone on with."""

from collections.abc import Sequence

import keras

from pipelines.training_log import MONITOR


class FirstRate(keras.callbacks.Callback):
    """Sets the learning rate that a stage begins with; a resumed one then gets its own again."""

    def __init__(self, rate: float) -> None:
        """Begin with ``rate``."""
        super().__init__()
        self.rate = rate

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Set it."""
        self.model.optimizer.learning_rate = self.rate


class Rate(keras.callbacks.Callback):
    """Sets the learning rate of every step, so that a compiled network serves any schedule."""

    def __init__(
        self, schedule: keras.optimizers.schedules.LearningRateSchedule, steps: int
    ) -> None:
        """Follow ``schedule``, which counts steps over all epochs, of ``steps`` each."""
        super().__init__()
        self.schedule, self._steps = schedule, steps

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note how many steps went before, also after a resume."""
        self._before = epoch * self._steps

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Set the step's rate."""
        self.model.optimizer.learning_rate = float(self.schedule(self._before + batch))


class LowerRate(keras.callbacks.ReduceLROnPlateau):
    """Cuts the learning rate to 0.3 after three flat epochs, those left out in which zeros come."""

    def __init__(self, first_epoch: int) -> None:
        """Count from ``first_epoch`` on."""
        super().__init__(MONITOR, mode="max", factor=0.3, patience=3)
        self._first_epoch = first_epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Count the epoch, and lower the rate after the third."""
        if epoch >= self._first_epoch:
            super().on_epoch_end(epoch, logs)


class Memory(keras.callbacks.Callback):
    """Tells callbacks that count flat epochs of those before a kill.

    It stands behind them and before the backup, which sets the learning rate in the end.
    """

    def __init__(
        self, watching: Sequence[keras.callbacks.Callback], earlier: Sequence[float]
    ) -> None:
        """Tell ``watching`` the monitor's values of the epochs that are done."""
        super().__init__()
        self._watching, self._earlier = watching, earlier

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Tell them, once they have forgotten everything."""
        for epoch, value in enumerate(self._earlier):
            for callback in self._watching:
                callback.on_epoch_end(epoch, {MONITOR: value})
