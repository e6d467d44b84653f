"""Lesson: what a trunk is taught from."""

from typing import Any, Protocol

import keras

from pipelines.model_factory import ModelFactory
from pipelines.trainer import EpochBatches
from pipelines.trunk_plan import TrunkPlan


class Lesson(Protocol):
    """What is shown and asked. Its networks have a layer ``heads.LABELS``, whatever else."""

    @property
    def losses(self) -> Any:
        """What the answers cost, as ``compile`` takes it."""

    def plan(self, backbone: str) -> TrunkPlan:
        """How long a backbone learns."""

    def settings(self) -> object:
        """All that decides what is shown, as JSON can hold it."""

    def pupil(self, network: keras.Model, factory: ModelFactory) -> keras.Model:
        """The network's backbone with all that it has to tell."""

    def batches(self, pupil: keras.Model, steps: int) -> EpochBatches:
        """What is shown to a pupil, ``steps`` batches an epoch, in the size that it takes."""
