"""From a data set and a published split to the table that the portal joins with predictions."""

from pathlib import Path

import pytest

from models.subgroup_table import UNKNOWN, Attribute, read
from pipelines import splitting
from pipelines.__main__ import main
from pipelines.datasets import DATASETS, Dataset
from pipelines.datasets.described import Described, Known, Measure
from pipelines.errors import NoSplit
from pipelines.splitting import Assigned
from pipelines.subgroups import _third, subgroup_table, told

MODALITY = "ultrasound"
PARTS = ("train",) * 6 + ("validation",) * 3 + ("test",) * 3


def described(_: Path, name: str) -> Known:
    number = int(name)
    known: dict[str, str | float] = {"size": float(number % 6)}
    return known if number == 11 else known | {"device": f"scanner {number % 2}"}


SET = Dataset(
    key="made",
    title="Made up",
    modality=MODALITY,
    citation="Nobody.",
    terms="None.",
    unit="image",
    group="patient",
    folder="made",
    read=DATASETS["busi"].read,
    described=Described(
        attributes=(
            Measure(key="size", title="Size", explanation="In centimetres.", unit="cm"),
            Attribute(key="device", title="Device", explanation="Its plate.", values=()),
        ),
        read=described,
    ),
)


@pytest.fixture
def splits(tmp_path: Path) -> Path:
    rows = [
        Assigned(image=str(number), label=number % 2, group=str(number), part=part)
        for number, part in enumerate(PARTS)
    ]
    splitting.write(tmp_path / "models" / "splits" / f"{MODALITY}.csv", rows)
    return tmp_path / "models" / "splits"


def test_hold_out_images_are_described_and_training_images_are_not(splits: Path) -> None:
    table = subgroup_table(SET, splits, splits)
    assert {part: len(rows) for part, rows in table.images.items()} == {"validation": 3, "test": 3}
    assert table.split_sha256 == splitting.sha256(splitting.read(splits / f"{MODALITY}.csv"))
    assert table.data == "Made up"


def test_thirds_are_those_of_the_training_images(splits: Path) -> None:
    size = subgroup_table(SET, splits, splits).attributes[0]
    assert size.values == ("small, below 1.7 cm", "middle", "large, from 3.3 cm")
    assert size.explanation == "In centimetres. Its thirds are those of the training images."
    values = subgroup_table(SET, splits, splits).values("size", "test", ["9", "10", "11"])
    assert values == ("middle", "large, from 3.3 cm", "large, from 3.3 cm")
    values = subgroup_table(SET, splits, splits).values("size", "validation", ["6", "7", "8"])
    assert values == ("small, below 1.7 cm", "small, below 1.7 cm", "middle")


def test_values_that_occur_make_subgroups_and_some_are_unknown(splits: Path) -> None:
    table = subgroup_table(SET, splits, splits)
    assert table.attributes[1].values == ("scanner 0", "scanner 1")
    assert table.values("device", "test", ["9", "10", "11"]) == ("scanner 1", "scanner 0", "")
    assert "Made up, Device, test: scanner 0 1, scanner 1 1" in list(told(table))


def test_without_a_split_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSplit, match="publish"):
        subgroup_table(SET, tmp_path, tmp_path)


def test_the_command_writes_what_the_portal_reads(
    splits: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(splits.parents[1])
    rows = [
        Assigned(image=f"ytma{number}_010101_benign1_ccd@0,0", label=0, group=part, part=part)
        for number, part in enumerate(("validation", "test"))
    ]
    splitting.write(splits / "histopathology.csv", rows)
    others = ["--dataset", "phantom-mammography", "--dataset", "phantom-ultrasound"]
    assert main(["subgroups", "--data", str(splits), *others]) == 0
    told_by_command = capsys.readouterr().out
    assert "Phantoms, mammography: nothing is known" in told_by_command
    assert "models/subgroups/histopathology.csv" in told_by_command
    table = read(splits.parent / "subgroups", "histopathology")
    assert table == subgroup_table(DATASETS["ucsb"], splits, splits)


@pytest.mark.data
def test_the_published_tables_are_written_again_as_they_are() -> None:
    root = Path(__file__).parents[2]
    data = root.parent / "shared" / "data"
    if not data.is_dir():
        pytest.skip("the data sets are not on this machine")
    for dataset in (DATASETS["mias"], DATASETS["busi"], DATASETS["ucsb"]):
        table = subgroup_table(dataset, data, root / "models" / "splits")
        assert table == read(root / "models" / "subgroups", dataset.modality)


def test_what_lies_on_a_border_belongs_to_the_upper_third() -> None:
    values = ("small", "middle", "large")
    found = [_third(number, 2.0, 4.0, values) for number in (1.9, 2.0, 3.9, 4.0, None)]
    assert found == ["small", "middle", "middle", "large", UNKNOWN]
