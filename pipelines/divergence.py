"""Divergence: a training whose losses or weights are no finite numbers is ended."""

import math

import keras
import numpy as np

from pipelines.errors import PipelineRefused
from pipelines.stages import Stage


class Diverged(PipelineRefused):
    title = "The training diverged"


class RefuseDivergence(keras.callbacks.Callback):
    """Ends a training that diverged; it stands before all that keeps something of an epoch."""

    def __init__(self, stage: Stage, action: str) -> None:
        """Watch over ``stage``; ``action`` says what to do."""
        super().__init__()
        self._stage, self._action = stage, action

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Look at the losses, and at the weights: a loss tells only of those before a step.

        Raises:
            Diverged: one of them is infinite or no number.
        """
        bad = [
            f"{name.replace('val_', 'validation ')} {value}"
            for name, value in (logs or {}).items()
            if name.endswith("loss") and not math.isfinite(value)
        ]
        if not bad and not all_finite(self.model):
            bad = ["other weights"]
        if bad:
            raise Diverged(
                expected="finite losses and weights",
                received=f"{', '.join(bad)} in epoch {epoch + 1} of {self._stage.epochs} "
                f"({self._stage.name})",
                action=self._action,
            )


def all_finite(model: keras.Model) -> bool:
    """Whether no weight is infinite or no number."""
    return all(bool(np.isfinite(array).all()) for array in model.get_weights())
