import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.catalogue import MODALITIES, model_keys
from models.prediction_table import PARTS
from models.subgroup_table import Attribute, InvalidSubgroups, read
from tests.fakes import fake_card, fake_subgroups

MODALITY = next(iter(MODALITIES))
PUBLISHED = Path(__file__).parents[2] / "models" / "subgroups"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fake_subgroups(MODALITY).write(tmp_path)
    return tmp_path


def change_legend(folder: Path, **fields: object) -> None:
    path = folder / f"{MODALITY}.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")


def test_what_is_written_is_read(folder: Path) -> None:
    assert read(folder, MODALITY) == fake_subgroups(MODALITY)


def test_no_table_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, MODALITY) is None


def test_a_table_fits_the_data_whose_name_and_split_it_has() -> None:
    table = fake_subgroups(MODALITY)
    data = replace(fake_card(model_keys()[0]).data, name=table.data, split_sha256="0" * 64)
    assert table.fits(data)
    assert not table.fits(replace(data, name="Other images"))
    assert not table.fits(replace(data, split_sha256="1" * 64))


def test_values_come_in_the_order_of_the_images(folder: Path) -> None:
    table = read(folder, MODALITY)
    assert table is not None
    assert table.values("density", "test", ["test 3.png", "test 2.png"]) == ("dense", "fatty")
    with pytest.raises(InvalidSubgroups, match="other\\.png"):
        table.values("density", "test", ["other.png"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "part,image,density\n",
        "part,image,density,kind\ntest,a.png,fatty\n",
        "part,image,density,kind\ntest,a.png,golden,\n",
        "part,image,density,kind\nvalley,a.png,fatty,\n",
        "part,image,density,kind\ntest,a.png,fatty,\ntest,a.png,fatty,\n",
        f"part,image,density,kind\ntest,{'a' * 200_000},fatty,\n",  # longer than csv reads
    ],
)
def test_a_broken_table_is_refused(folder: Path, text: str) -> None:
    (folder / f"{MODALITY}.csv").write_text(text, "utf-8")
    with pytest.raises(InvalidSubgroups, match="python -m pipelines subgroups"):
        read(folder, MODALITY)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 7},
        {"modality": "tarot"},
        {"attributes": []},
        {"attributes": [{"key": "density"}]},
        {"colour": "red"},
    ],
)
def test_a_broken_legend_is_refused(folder: Path, fields: dict) -> None:
    change_legend(folder, **fields)
    with pytest.raises(InvalidSubgroups):
        read(folder, MODALITY)


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_bad_byte_is_refused(folder: Path, ending: str) -> None:
    path = folder / f"{MODALITY}.{ending}"
    path.write_bytes(path.read_bytes() + b"\xff")
    with pytest.raises(InvalidSubgroups, match="a table and its legend in UTF-8"):
        read(folder, MODALITY)


def test_the_table_of_another_modality_is_refused(folder: Path) -> None:
    other = next(key for key in MODALITIES if key != MODALITY)
    for ending in ("csv", "json"):
        (folder / f"{MODALITY}.{ending}").rename(folder / f"{other}.{ending}")
    with pytest.raises(InvalidSubgroups, match=other):
        read(folder, other)


@pytest.mark.parametrize(
    "fields",
    [
        {"key": "Density"},
        {"key": "image"},
        {"key": "a b"},
        {"values": ("a", "a")},
        {"values": ("",)},
    ],
)
def test_an_attribute_that_exists_is_valid(fields: dict) -> None:
    plain = {"key": "density", "title": "Density", "explanation": "None.", "values": ("a",)}
    with pytest.raises(InvalidSubgroups):
        Attribute(**plain | fields)


@pytest.mark.parametrize("modality", [path.stem for path in sorted(PUBLISHED.glob("*.csv"))])
def test_published_tables_are_those_of_the_published_splits(modality: str) -> None:
    split = PUBLISHED.parent / "splits" / f"{modality}.csv"
    table = read(PUBLISHED, modality)
    assert table is not None
    assert table.split_sha256 == hashlib.sha256(split.read_bytes()).hexdigest()
    with split.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for part in PARTS:
        assert set(table.images[part]) == {row["image"] for row in rows if row["part"] == part}
