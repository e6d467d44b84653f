"""A small school: few images of every modality, one step an epoch."""

from collections.abc import Sequence
from pathlib import Path

from models.catalogue import MODALITIES
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.lesson import Lesson
from pipelines.schooling import School
from pipelines.trunk_plan import TrunkPlan
from tests.pipelines.small import BACKBONE, config

PLAN = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=3, steps=1)
SPARSITY = 0.5


def pupil() -> Config:
    """What a trunk is taught by, at 56 pixels."""
    return config(batch_norm_momentum=0.9, sparsity=SPARSITY)


def modules(work: Path, **fields: object) -> tuple[DataModule, ...]:
    """The phantoms of every modality, one image of each label in a batch."""
    batch = {"batch_size": 2, "balance": "batches"}
    configs = [
        config(modality=modality, dataset=f"phantom-{modality}", **batch).changed(**fields)
        for modality in MODALITIES
    ]
    return tuple(DataModule(one, work) for one in configs)


def school(work: Path, **fields: object) -> School:
    """A school whose trunks lie in ``work/trunks``."""
    return School(Lesson(modules(work, **fields)), work / "trunks")


def main(words: Sequence[str]) -> None:
    """Teach one trunk in ``words[0]``."""
    (work,) = map(Path, words)
    assert pupil().backbone == BACKBONE
    school(work).teach(pupil(), PLAN)
