"""A trunk: one backbone taught on the training images of all modalities at once.

It stands in for ImageNet weights where these cannot be had: `train --init FILE` starts from it.
"""

from collections.abc import Sequence
from pathlib import Path

from pipelines.batches import EvaluationBatches, Prepared, TrainingBatches
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.trainer import Trainer


class JointData:
    """The training images of several runs as one set; their test images stay untouched."""

    def __init__(self, modules: Sequence[DataModule], config: Config) -> None:
        """Join the parts of ``modules``; every one keeps its own split."""
        self._modules = modules
        self._config = config

    def _joined(self, part: str) -> list[Prepared]:
        return [image for module in self._modules for image in module.prepared(part)]

    def training(self, pixels: int) -> TrainingBatches:
        """Balanced batches of all modalities."""
        return TrainingBatches(
            self._joined("train"),
            pixels=pixels,
            batch_size=self._config.batch_size,
            steps=self._config.steps_per_epoch,
            balanced=True,
            seed=self._config.seed,
        )

    def evaluation(self, part: str, pixels: int) -> EvaluationBatches:
        """The parts of all modalities, one after another."""
        return EvaluationBatches(
            self._joined(part), pixels=pixels, batch_size=self._config.batch_size
        )

    def class_weights(self) -> dict[int, float]:
        """Equal weights: the batches are balanced."""
        return {0: 1.0, 1: 1.0}


def teach_trunk(configs: Sequence[Config], work: Path) -> Path:
    """Teach one backbone on several modalities, and write it as a plain Keras file.

    Args:
        configs: one per modality, of one backbone; the first one's recipe is used.
        work: the folder of prepared images, and of the trunks.

    Returns:
        The trunk's file, for ``--init``.
    """
    config = configs[0].changed(strategy="initial", init="random", full_size_epochs=0)
    folder = work / "trunks" / config.backbone
    file = folder.with_suffix(".h5")
    if not file.is_file():
        data = JointData([DataModule(item, work) for item in configs], config)
        model = Trainer(config, data, folder).run().model
        partial = folder / "partial.h5"
        model.save(partial, include_optimizer=False)
        partial.replace(file)
    return file
