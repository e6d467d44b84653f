from pathlib import Path

import numpy as np
import pytest

from models.catalogue import MODALITIES
from pipelines.datasets import DATASETS, Dataset, NoDataFolder, Problems, Sample, UnreadableImages

DOCUMENT = Path(__file__).parents[3] / "docs" / "data-sets.md"
PUBLISHED = {key: one for key, one in DATASETS.items() if not key.startswith("phantom-")}


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_every_set_is_of_a_known_modality_and_is_documented(dataset: Dataset) -> None:
    assert dataset.modality in MODALITIES
    assert dataset.citation
    assert dataset.terms
    assert f"`{dataset.key}`" in DOCUMENT.read_text("utf-8").replace(
        "`phantom-<modality>`", f"`phantom-{dataset.modality}`"
    )


@pytest.mark.parametrize("folder", ["nowhere", "."])
@pytest.mark.parametrize("dataset", PUBLISHED.values(), ids=PUBLISHED)
def test_every_published_set_says_what_it_expected_where(
    dataset: Dataset, folder: str, tmp_path: Path
) -> None:
    missing = tmp_path / folder
    with pytest.raises(NoDataFolder) as caught:
        list(dataset.read(missing, Problems()))
    assert str(missing) in caught.value.received
    assert "published as" in caught.value.action
    assert f"in which it lies as `{dataset.folder}`." in caught.value.action
    assert "http" not in str(caught.value)


def test_a_set_is_found_in_the_data_folder_or_given_directly(tmp_path: Path) -> None:
    dataset = DATASETS["busi"]
    assert dataset.locate(tmp_path) == tmp_path
    (tmp_path / dataset.folder).mkdir()
    assert dataset.locate(tmp_path) == tmp_path / dataset.folder


def test_a_long_list_of_problems_is_cut_after_ten() -> None:
    problems = Problems()
    problems.settle()
    assert str(problems) == "every image was readable"
    for number in range(13):
        problems.add(f"{number}.png", "empty")
    with pytest.raises(UnreadableImages, match=r"13 unreadable: 0\.png .*; and 3 more") as caught:
        problems.settle()
    assert "10.png" not in caught.value.received


@pytest.mark.parametrize(
    ("label", "pixels"),
    [
        (2, np.zeros((8, 8, 3), np.uint8)),
        (1, np.zeros((8, 8), np.uint8)),
        (1, np.zeros((8, 8, 3), np.float32)),
    ],
)
def test_a_sample_that_exists_is_valid(label: int, pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected"):
        Sample(name="a", label=label, group="g", pixels=pixels)
