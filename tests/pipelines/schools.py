"""A small school: a teacher with random weights, few lessons, one step an epoch."""

from collections.abc import Sequence
from pathlib import Path

import keras

from models.catalogue import MODALITIES
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.schooling import School
from pipelines.trunk import TrunkPlan
from tests.pipelines.small import BACKBONE, config

LESSONS = 8
PLAN = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=3, steps=1, batch_size=6, sparsity=0.5)


def write_teacher(path: Path, seed: int = 1) -> Path:
    """MobileNetV2 without its top, and with random weights."""
    keras.utils.set_random_seed(seed)
    shape = (224, 224, 3)
    model = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=shape)
    model.save_weights(path)
    return path


def pupil() -> Config:
    """What a trunk is taught by, at 56 pixels."""
    return config(batch_norm_momentum=0.9)


def modules(work: Path, **fields: object) -> tuple[DataModule, ...]:
    """The phantoms of every modality."""
    datasets = {modality: f"phantom-{modality}" for modality in MODALITIES}
    return tuple(
        DataModule(config(modality=modality, dataset=key).changed(**fields), work)
        for modality, key in datasets.items()
    )


def school(work: Path, teacher: Path, **fields: object) -> School:
    """A school whose trunks lie in ``work/trunks``."""
    return School(modules(work, **fields), str(teacher), work / "trunks", count=LESSONS)


def main(words: Sequence[str]) -> None:
    """Teach one trunk in ``words[0]`` from the teacher ``words[1]``."""
    work, teacher = map(Path, words)
    assert pupil().backbone == BACKBONE
    school(work, teacher).teach(pupil(), PLAN)
