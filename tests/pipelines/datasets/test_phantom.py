from pathlib import Path

import pytest

from models.catalogue import MODALITIES
from pipelines.datasets import DATASETS, Problems
from pipelines.datasets.phantom import phantom_samples


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_modality_has_its_phantoms(modality: str, problems: Problems, tmp_path: Path) -> None:
    dataset = DATASETS[f"phantom-{modality}"]
    samples = list(dataset.read(tmp_path / "not needed", problems))
    labels = [sample.label for sample in samples]
    assert dataset.modality == modality
    assert (labels.count(0), labels.count(1)) == (30, 30)
    assert len({sample.group for sample in samples}) == 30
    assert len({sample.name for sample in samples}) == 60


def test_count_and_seed_are_free() -> None:
    first, second = list(phantom_samples("mri", 4, 7)), list(phantom_samples("mri", 4, 8))
    assert len(first) == 4
    assert (first[1].pixels == second[0].pixels).all()
