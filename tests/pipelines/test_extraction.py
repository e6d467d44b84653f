import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import MODALITIES
from models.errors import Refusal
from pipelines.datasets import EmptyClass, RepeatedName, Sample, UnreadableImages
from pipelines.errors import NotPrepared, PreparedOtherwise
from pipelines.extraction import extract, read_extraction
from pipelines.image_store import DamagedPreparation, read_image
from pipelines.turn import FolderInUse
from tests.pipelines.small import dataset, sample

SAMPLES = [
    sample(0, label=1, group="a, b"),
    sample(1, label=0, group="c"),
    sample(1, label=0, group="c", primary=False),
    sample(2, label=1, group='d "e"'),
]


def files(folder: Path) -> dict[str, tuple[int, str]]:
    """Path -> time of the last change and SHA-256, of everything below a folder."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


def unread() -> Iterator[Sample]:
    """Samples that nobody is to ask for."""
    raise AssertionError("expected that no sample is read")
    yield


def hashes(folder: Path) -> dict[str, str]:
    return {name: digest for name, (_, digest) in files(folder).items()}


def test_images_lie_in_class_folders_numbered_in_the_order_of_reading(tmp_path: Path) -> None:
    found = extract(dataset(SAMPLES), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert sorted(files(tmp_path / "out")) == [
        "0/img_000001.png",
        "0/img_000002.png",
        "1/img_000000.png",
        "1/img_000003.png",
        "index.csv",
        "notes.json",
    ]
    for image, item in zip(found.images, SAMPLES, strict=True):
        assert (image.name, image.label, image.group) == (item.name, item.label, item.group)
        assert image.primary == item.primary
        assert image.path.parent.name == str(item.label)


@pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda modality: modality.key)
def test_images_are_prepared_as_their_modality_says(modality, tmp_path: Path) -> None:
    chosen = dataset(SAMPLES, modality=modality.key)
    found = extract(chosen, tmp_path, tmp_path / "out", skip_unreadable=False)
    for image, item in zip(found.images, SAMPLES, strict=True):
        expected = modality.prepare(item.pixels)
        np.testing.assert_allclose(read_image(image.path), expected, atol=0.5)


def test_a_second_call_reads_nothing_and_changes_nothing(tmp_path: Path) -> None:
    first = extract(dataset(SAMPLES), tmp_path, tmp_path / "out", skip_unreadable=False)
    before = files(tmp_path / "out")
    again = extract(dataset(unread()), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert again == first
    assert files(tmp_path / "out") == before


def test_extraction_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    for name in ("one", "two"):
        extract(dataset(SAMPLES), tmp_path, tmp_path / name, skip_unreadable=False)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_unreadable_images_stop_it_named_and_counted_and_leave_nothing(tmp_path: Path) -> None:
    chosen = dataset(SAMPLES, unreadable=("bad (1).png", "bad (2).png"))
    with pytest.raises(UnreadableImages, match=r"bad \(1\).png .half.*--skip-unreadable") as found:
        extract(chosen, tmp_path, tmp_path / "out", skip_unreadable=False)
    assert found.value.count == 2
    assert list(tmp_path.iterdir()) == []


def test_unreadable_images_are_left_out_when_told_so(tmp_path: Path) -> None:
    chosen = dataset(SAMPLES, unreadable=("bad.png",), set_aside=("both.png",))
    found = extract(chosen, tmp_path, tmp_path / "out", skip_unreadable=True)
    assert len(found.images) == len(SAMPLES)
    assert found.unreadable == {"bad.png": "half of it is missing"}
    assert found.set_aside == {"both.png": "carries both labels"}
    assert read_extraction(tmp_path / "out") == found


@pytest.mark.parametrize("label", [0, 1])
def test_an_empty_class_stops_it_by_name_and_leaves_nothing(tmp_path: Path, label: int) -> None:
    lonely = [sample(i, label=1 - label) for i in range(3)]
    name = MODALITIES["mammography"].labels[label]
    with pytest.raises(EmptyClass, match=f"at least one image of the class {name}; received none"):
        extract(dataset(lonely), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert list(tmp_path.iterdir()) == []


def test_folders_that_were_made_for_nothing_are_gone(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "prepared" / "out"
    with pytest.raises(EmptyClass):
        extract(dataset([]), tmp_path, folder, skip_unreadable=False)
    assert list(tmp_path.iterdir()) == []
    other = tmp_path / "runs" / "mine.txt"
    other.parent.mkdir()
    other.write_text("mine")
    with pytest.raises(EmptyClass):
        extract(dataset([]), tmp_path, folder, skip_unreadable=False)
    assert list(tmp_path.rglob("*")) == [other.parent, other]


def test_a_reader_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def breaking():
        yield SAMPLES[0]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        extract(dataset(breaking()), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert list(tmp_path.iterdir()) == []


def test_two_commands_do_not_prepare_one_folder(tmp_path: Path) -> None:
    def samples() -> Iterator[Sample]:
        yield SAMPLES[0]
        with pytest.raises(FolderInUse, match="Another command"):
            extract(dataset(unread()), tmp_path, tmp_path / "out", skip_unreadable=False)
        yield from SAMPLES[1:]

    found = extract(dataset(samples()), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert len(found.images) == len(SAMPLES)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_a_killed_extraction_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / "out.part" / "0" / "img_000099.png"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    extract(dataset(SAMPLES), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert not left.parent.parent.exists()
    assert "0/img_000099.png" not in files(tmp_path / "out")


def test_a_folder_that_is_not_prepared_says_how_to_prepare_it(tmp_path: Path) -> None:
    with pytest.raises(NotPrepared, match="python -m pipelines prepare busi --data FOLDER"):
        read_extraction(tmp_path / "busi")


def assert_refused(folder: Path, refusal: type[Refusal], match: str) -> None:
    """Neither read nor prepared over, and left as it is."""
    before = files(folder)
    with pytest.raises(refusal, match=match):
        read_extraction(folder)
    with pytest.raises(refusal):
        extract(dataset(SAMPLES), folder.parent, folder, skip_unreadable=False)
    assert files(folder) == before


@pytest.mark.parametrize("step", ["of before", None])
def test_images_of_another_image_step_are_refused(step: str | None, tmp_path: Path) -> None:
    folder = tmp_path / "busi"
    extract(dataset(SAMPLES), tmp_path, folder, skip_unreadable=False)
    notes = json.loads((folder / "notes.json").read_text("utf-8"))
    (folder / "notes.json").write_text(json.dumps({**notes, "step": step}), "utf-8")
    assert_refused(folder, PreparedOtherwise, r"Delete .*busi.*prepare busi")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("notes.json", b""),
        ("notes.json", b'{"dataset": "busi", "st'),
        ("notes.json", b"3"),
        ("notes.json", b"\xff\xfe"),
        ("index.csv", None),
        ("index.csv", b"file,name\n0/img_000001.png,a\n"),
        ("index.csv", b"file,name,label,group,primary\n0/img_000001.png,a,b,c,1\n"),
        ("index.csv", b"file,name,label,group,primary\n0/img_000001.png,a\n"),
        ("index.csv", b"\xff\xfe"),
        ("index.csv", b"file,name,label,group,primary\n0/img_000001.png,a,0,b,1\n"),
    ],
)
def test_a_damaged_note_or_index_is_named(file: str, content: bytes | None, tmp_path: Path) -> None:
    folder = tmp_path / "busi"
    extract(dataset(SAMPLES), tmp_path, folder, skip_unreadable=False)
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    assert_refused(folder, DamagedPreparation, rf"{file} .*Delete .*busi .*prepare busi")


def test_a_name_that_comes_twice_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RepeatedName, match="twice"):
        extract(
            dataset([SAMPLES[0], SAMPLES[1], SAMPLES[0]]),
            tmp_path,
            tmp_path / "out",
            skip_unreadable=False,
        )
    assert not list(tmp_path.iterdir())


def test_a_folder_without_its_note_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    extract(dataset(SAMPLES), tmp_path, tmp_path / "out", skip_unreadable=False)
    (tmp_path / "out" / "notes.json").unlink()
    before = files(tmp_path / "out")
    with pytest.raises(DamagedPreparation, match=r"notes\.json"):
        extract(dataset(unread()), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert files(tmp_path / "out") == before


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DamagedPreparation, match=r"Delete .*out"):
        extract(dataset(unread()), tmp_path, tmp_path / "out", skip_unreadable=False)
    assert (tmp_path / "out").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_names_that_are_not_utf_8_are_written_down_escaped(tmp_path: Path) -> None:
    name = os.fsdecode(b"b\xe9nin.png")
    chosen = dataset(SAMPLES, unreadable=(name,), set_aside=(name,))
    found = extract(chosen, tmp_path, tmp_path / "out", skip_unreadable=True)
    assert list(found.unreadable) == list(found.set_aside) == [r"b\udce9nin.png"]
