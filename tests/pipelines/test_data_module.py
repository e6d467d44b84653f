import hashlib
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import MODALITIES
from pipelines import data_module, splitting
from pipelines.config import Config
from pipelines.data_module import CHOICE, DataModule, find_dataset
from pipelines.datasets import DATASETS
from pipelines.errors import InvalidConfig, NotPrepared, SplitImpossible
from pipelines.extraction import extract
from pipelines.image_store import DamagedPreparation
from pipelines.splitting import PARTS
from tests.pipelines.small import config, dataset, sample

GROUPS = 40


def crops():
    """Two crops of each of 40 films, the second one to train and choose; 10 films are positive."""
    for number in range(GROUPS):
        label = int(number % 4 == 0)
        for primary in (True, False):
            yield sample(number, label=label, group=f"film{number:02d}", primary=primary)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder in which a small data set is prepared in mini-MIAS' place."""
    work = tmp_path_factory.mktemp("work")
    chosen = dataset(crops(), unreadable=("torn.png",), set_aside=("both.png",))
    extract(chosen, work, work / "prepared" / "mias", skip_unreadable=True)
    return work


def of_mias(**fields: object) -> Config:
    plain = {"modality": "mammography", "dataset": "mias", "limit": None, "steps_per_epoch": None}
    return config(**{**plain, **fields})


@pytest.fixture
def data(work: Path) -> DataModule:
    return DataModule(of_mias(), work)


def test_the_same_configuration_gives_the_same_split_bit_for_bit(work: Path) -> None:
    first, again = (splitting.to_csv(DataModule(of_mias(), work).split) for _ in range(2))
    assert first == again
    assert splitting.to_csv(DataModule(of_mias(seed=21), work).split) != first


def test_what_does_not_concern_the_data_does_not_change_the_split(
    data: DataModule, work: Path
) -> None:
    other = of_mias(backbone="resnet", strategy="finetuned", epochs=3, learning_rate=0.1)
    assert DataModule(other, work).split == data.split


def test_the_parts_share_no_group_and_make_up_the_whole(data: DataModule) -> None:
    sets = [set(data.groups(part)) for part in PARTS]
    assert [len(groups) for groups in sets] == [28, 6, 6]
    assert len(set.union(*sets)) == GROUPS


def test_further_crops_train_and_choose_and_do_not_test(data: DataModule) -> None:
    assert [len(data.names(part)) for part in (*PARTS, CHOICE)] == [56, 6, 6, 12]
    for part in ("train", CHOICE):
        further = [name for name in data.names(part) if "further" in name]
        assert 2 * len(further) == len(data.names(part))
    for part in ("validation", "test"):
        assert all("further" not in name for name in data.names(part))
    assert all("further" not in row.image for row in data.split)


def test_those_that_choose_are_of_the_groups_that_validate(data: DataModule) -> None:
    assert set(data.groups(CHOICE)) == set(data.groups("validation"))
    assert set(data.names(CHOICE)) > set(data.names("validation"))


def test_the_crops_of_a_finding_count_as_one_together(data: DataModule) -> None:
    assert data.weights(CHOICE).tolist() == [0.5] * 12
    for part in ("validation", "test"):
        assert data.weights(part).tolist() == [1.0] * 6


def test_a_film_whose_primary_crop_is_left_out_chooses_with_none(work: Path) -> None:
    some = DataModule(of_mias(limit=9), work)
    findings = {(row.group, row.label) for row in some.split if row.part == "validation"}
    found = zip(some.groups(CHOICE), some.labels(CHOICE), strict=True)
    assert set(found) == findings
    assert sum(some.weights(CHOICE)) == len(findings)


@pytest.mark.parametrize("part", PARTS)
def test_names_labels_groups_and_images_come_in_one_order(data: DataModule, part: str) -> None:
    prepared = data.prepared(part)
    assert data.labels(part).dtype == np.uint8
    for name, label, group, image in zip(
        data.names(part), data.labels(part), data.groups(part), prepared, strict=True
    ):
        number = int(name.split(",")[0].split()[1])
        assert group == f"film{number:02d}"
        assert label == image.label == int(number % 4 == 0)
        assert image.path.parent.name == str(label)
        assert image.augmentation == MODALITIES["mammography"].augmentation


def test_batches_carry_the_labels_of_their_part(data: DataModule) -> None:
    batches = data.evaluation("test", 32)
    found = np.concatenate([batches[i][1] for i in range(len(batches))]).ravel()
    np.testing.assert_array_equal(found, data.labels("test"))
    assert data.evaluation("test")[0][0].shape[1:] == (224, 224, 3)


def test_training_batches_are_as_configured(work: Path) -> None:
    plain = DataModule(of_mias(), work).training(32)
    assert len(plain) == 14  # 56 crops, 4 to a batch
    balanced = DataModule(of_mias(balance="batches", steps_per_epoch=3), work).training(32)
    assert len(balanced) == 3
    for index in range(3):
        assert balanced[index][1].sum() == 2
    other = DataModule(of_mias(seed=21), work).training(32)
    assert plain._order.tolist() != other._order.tolist()


def test_class_weights_are_negatives_to_positives_of_training(data: DataModule) -> None:
    labels = data.labels("train")
    negative, positive = int((labels == 0).sum()), int((labels == 1).sum())
    assert data.class_weights() == {0: 1.0, 1: pytest.approx(negative / positive)}
    assert 2 < data.class_weights()[1] < 4


def test_a_limit_takes_so_many_of_each_class_always_the_same(work: Path) -> None:
    chosen = [DataModule(of_mias(limit=15), work) for _ in range(2)]
    names = [[name for part in PARTS for name in data.names(part)] for data in chosen]
    assert names[0] == names[1]
    labels = [row.label for row in chosen[0].split]
    assert (labels.count(0), labels.count(1)) == (15, 10)  # there are ten positive films


def test_a_limit_keeps_every_crop_of_the_findings_that_it_takes(work: Path) -> None:
    data = DataModule(of_mias(limit=8), work)
    crops = [name for part in ("train", CHOICE) for name in data.names(part)]
    assert sum("further" in name for name in crops) == len(crops) / 2
    labels = [row.label for row in data.split]
    assert (labels.count(0), labels.count(1)) == (8, 8)


def test_other_images_under_the_same_names_are_other_images(tmp_path: Path) -> None:
    extract(dataset(crops()), tmp_path, tmp_path / "prepared" / "mias", skip_unreadable=False)
    first, again = (DataModule(of_mias(), tmp_path).images_sha256 for _ in range(2))
    assert first == again
    data = DataModule(of_mias(), tmp_path)
    one, *_, other = data.prepared("train")
    one.path.write_bytes(other.path.read_bytes())
    assert DataModule(of_mias(), tmp_path).images_sha256 != first
    assert DataModule(of_mias(), tmp_path).split == data.split
    one.path.unlink()
    with pytest.raises(DamagedPreparation):
        _ = DataModule(of_mias(), tmp_path).images_sha256


def test_the_summary_tells_what_the_card_needs(data: DataModule) -> None:
    summary = data.summary()
    text = splitting.to_csv(data.split)
    assert summary.split_sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert summary.split_file == "models/splits/mammography.csv"
    assert summary.groups == {"train": 28, "validation": 6, "test": 6}
    for part, crops in (("train", 2), ("validation", 1), ("test", 1)):
        labels = [row.label for row in data.split if row.part == part]
        assert summary.counts[part] == (crops * labels.count(0), crops * labels.count(1))
    assert summary.set_aside[-2:] == (
        "both.png: carries both labels",
        "torn.png could not be read: half of it is missing",
    )
    assert summary.name == DATASETS["mias"].title


def test_a_data_set_of_another_modality_is_refused(work: Path) -> None:
    with pytest.raises(InvalidConfig, match="of ultrasound; received mias, which is mammography"):
        DataModule(config(dataset="mias"), work)


def test_a_data_set_that_is_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotPrepared, match="pipelines prepare mias --data FOLDER"):
        DataModule(of_mias(), tmp_path)


def test_an_unknown_data_set_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"busi.*'imagenet'"):
        DataModule(of_mias(dataset="imagenet"), tmp_path)
    assert [find_dataset(key).key for key in DATASETS] == list(DATASETS)


def test_too_few_groups_are_refused(work: Path) -> None:
    with pytest.raises(SplitImpossible, match="Add images of more groups"):
        DataModule(of_mias(limit=2), work)


def test_preparing_puts_each_data_set_in_a_folder_of_its_own(tmp_path: Path) -> None:
    chosen = dataset(crops(), key="ddsm")
    found = data_module.prepare(chosen, tmp_path, tmp_path, skip_unreadable=False)
    assert found.folder == tmp_path / "prepared" / "ddsm"
    assert len(found.images) == 2 * GROUPS
