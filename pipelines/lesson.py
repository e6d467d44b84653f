"""Lesson: a trunk learns the labels of training images, of all modalities or of one."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import keras
import numpy as np

from pipelines.batches import TrainingBatches
from pipelines.data_module import DataModule
from pipelines.errors import PipelineRefused
from pipelines.heads import OTHER, with_heads
from pipelines.model_factory import ModelFactory
from pipelines.trunk_plan import TrunkPlan

JOINT_PLANS: Mapping[str, TrunkPlan] = MappingProxyType(
    {
        "resnet": TrunkPlan(learning_rate=1e-3, small_epochs=16, epochs=20),
        "vgg": TrunkPlan(learning_rate=2e-4, small_epochs=36, epochs=20),
        "densenet": TrunkPlan(learning_rate=1e-3, small_epochs=12, epochs=24),
    }
)


OWN_PLANS: Mapping[str, TrunkPlan] = MappingProxyType(
    {
        "resnet": TrunkPlan(learning_rate=1e-3, small_epochs=10, epochs=10),
        "vgg": TrunkPlan(learning_rate=2e-4, small_epochs=6, epochs=5),
        "densenet": TrunkPlan(learning_rate=1e-3, small_epochs=4, epochs=8),
    }
)
"""For the images of one modality, which would be known by heart if they were shown longer."""


class JointBatches(keras.utils.PyDataset):
    """Batches with images of every modality, as many of each as its part gives.

    Items are images as those of ``TrainingBatches``, and (batch, modalities) float32 labels: 0 or
    1 in the column of the image's modality, ``OTHER`` elsewhere.
    """

    def __init__(self, parts: Sequence[TrainingBatches]) -> None:
        """Put together one batch of each part, which have as many batches."""
        super().__init__()
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts[0])

    def start(self, epoch: int) -> None:
        """Deal out the images of an epoch."""
        for part in self._parts:
            part.start(epoch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        batches = [part[index] for part in self._parts]
        truth = [_told(labels, column, len(batches)) for column, (_, labels) in enumerate(batches)]
        return np.concatenate([images for images, _ in batches]), np.concatenate(truth)


def _told(labels: np.ndarray, column: int, modalities: int) -> np.ndarray:
    """(n, 1) labels of one modality -> (n, modalities)."""
    told = np.full((len(labels), modalities), OTHER, np.float32)
    told[:, column] = labels[:, 0]
    return told


class NoPlan(PipelineRefused):
    title = "Nothing says how long this backbone's trunk learns"
    action = "Give it its two plans in pipelines/lesson.py; CONTRIBUTING.md tells of them."


class Lesson:
    """Training images, changed at random, and their labels."""

    def __init__(self, modules: Sequence[DataModule]) -> None:
        """Show the training images of some data sets.

        Args:
            modules: one data set of every modality, or of one alone. Training images teach;
                validation images are asked, and change nothing.
        """
        self.modules = modules

    def plan(self, backbone: str) -> TrunkPlan:
        """How long a backbone learns.

        Raises:
            NoPlan: nobody said so.
        """
        plans = JOINT_PLANS if len(self.modules) > 1 else OWN_PLANS
        if backbone not in plans:
            raise NoPlan(expected=f"a backbone among {', '.join(plans)}", received=backbone)
        return plans[backbone]

    def settings(self) -> object:
        """All that decides what is shown."""
        return [
            {**module.shown(), "batches": (module.config.batch_size, module.config.balance)}
            for module in self.modules
        ]

    def pupil(self, network: keras.Model, factory: ModelFactory) -> keras.Model:
        """The network's backbone with a head for every modality."""
        return with_heads(network, factory, [one.config.modality for one in self.modules])

    def batches(self, pupil: keras.Model, steps: int) -> JointBatches:
        """Images in the size that the pupil takes."""
        pixels = pupil.input_shape[1]
        return JointBatches([one.training(pixels, steps=steps) for one in self.modules])
