import csv
import errno
import fcntl
import hashlib
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from portal.scoring.results_file import ResultsFile, ResultsRefused
from portal.scoring.row import COLUMNS, Row
from tests.functional.serving import ROOT
from tests.portal.scoring.works import MODEL, answer, task

NAMES = ["a.png", 'b "quoted", comma.png', "c\nline.png", "d\r.png", "снимок.png", "\udcff.png"]
WITHOUT_PRECISION = ",".join(f'"{name}"' for name in COLUMNS if name != "precision") + "\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.csv"


def written(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        return list(csv.DictReader(stream))


def fill(path: Path, names: list[str]) -> None:
    with ResultsFile(path) as results:
        for name in names:
            results.append(answer(task(name)))


def test_rows_are_there_as_soon_as_they_are_written(path: Path) -> None:
    with ResultsFile(path) as results:
        results.append(answer(task("a.png")))
        (row,) = written(path)
    assert tuple(row) == COLUMNS
    assert (row["file"], row["model"], row["label"]) == ("a.png", MODEL.slug, "Malignant")
    assert (row["probability"], row["calibrated_probability"]) == ("0.5", "0.25")
    assert (row["fingerprint"], row["precision"]) == (MODEL.fingerprint, "f32")
    assert row["reason"] == ""


def test_any_name_can_be_written_and_is_known_again(path: Path) -> None:
    fill(path, NAMES)
    assert [row["file"] for row in written(path)] == NAMES
    with ResultsFile(path) as results:
        assert results.done == {(name, MODEL.slug) for name in NAMES}


def test_after_a_cut_anywhere_it_goes_on_from_the_last_whole_row(path: Path) -> None:
    fill(path, NAMES)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with ResultsFile(path) as results:
            done = {name for name, _ in results.done}
            assert done == set(NAMES[: len(done)])
            for name in NAMES[len(done) :]:
                results.append(answer(task(name)))
        assert path.read_bytes() == whole


@pytest.mark.parametrize("content", ["file,label\na.png,1\n", "notes", "\n", WITHOUT_PRECISION])
def test_another_file_is_refused_and_left_alone(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(
        ResultsRefused,
        match="that this version of the command began, with the columns file, sha256, ",
    ):
        ResultsFile(path)
    assert path.read_text() == content


def test_what_is_being_written_is_refused(path: Path) -> None:
    with ResultsFile(path), pytest.raises(ResultsRefused, match="being written"):
        ResultsFile(path)


def test_a_file_system_without_locks_will_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    fill(path, ["a.png"])
    assert [row["file"] for row in written(path)] == ["a.png"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsRefused, match="a file that can be written"):
        ResultsFile(tmp_path / "absent" / "results.csv")


def test_answers_of_another_version_are_not_mixed_in(path: Path) -> None:
    fill(path, ["a.png"])
    with ResultsFile(path) as results:
        results.require([MODEL])
        with pytest.raises(ResultsRefused, match="some with 0123456789abcdef"):
            results.require([replace(MODEL, fingerprint="f" * 16)])


@pytest.mark.parametrize("other", ["vgg_mammography_initial", "vgg_elsewhere"])
def test_models_of_another_modality_are_not_mixed_in(path: Path, other: str) -> None:
    with ResultsFile(path) as results:
        results.require([replace(MODEL, slug=other)])  # nothing is in it yet
        results.append(answer(task("a.png")))
        with pytest.raises(ResultsRefused, match="one with answers of ultrasound"):
            results.require([replace(MODEL, slug=other)])


def test_it_knows_names_that_are_no_utf8(path: Path) -> None:
    fill(path, NAMES)
    with ResultsFile(path) as results:
        assert results.bytes_names == ["\udcff.png"]


def test_a_table_with_such_a_name_is_read_as_the_document_says(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path, NAMES)
    monkeypatch.chdir(path.parent)
    text = (ROOT / "docs/scoring.md").read_text("utf-8")
    (documented,) = re.findall(r"`(open\(.*?\))`", text)
    with eval(documented) as stream:  # what a reader would write
        assert [row["file"] for row in csv.DictReader(stream)] == NAMES


def test_it_knows_the_files_and_models_of_every_run(path: Path) -> None:
    fill(path, ["a.png"])
    with ResultsFile(path) as results:
        later = replace(task("b.png"), models=(replace(MODEL, slug="resnet_ultrasound_initial"),))
        results.append(later.refused("damaged"))
        assert results.files == {"a.png", "b.png"}
        assert results.models == {MODEL.slug, "resnet_ultrasound_initial"}


def test_answers_at_another_precision_are_not_mixed_in(path: Path) -> None:
    fill(path, ["a.png"])
    lower = replace(MODEL, precision="int8")
    with ResultsFile(path) as results:
        with pytest.raises(ResultsRefused, match=r"PRECISION=int8; received some at f32\. Set"):
            results.require([lower])
        with pytest.raises(ResultsRefused, match="some at f32"):
            results.require([replace(lower, slug="resnet_ultrasound_initial")])


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond a size in bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestFullDisk:
    """What is written stays, and is gone on from."""

    @pytest.fixture
    def whole(self, path: Path) -> bytes:
        """The table of a run that nothing has disturbed."""
        fill(path, NAMES)
        content = path.read_bytes()
        path.unlink()
        return content

    @pytest.mark.parametrize("missing", [1, 100, 300, 700])
    def test_it_is_told_and_the_same_command_goes_on(
        self, path: Path, whole: bytes, missing: int
    ) -> None:
        size = len(whole) - missing
        with room_for(size), pytest.raises(ResultsRefused) as refused:
            fill(path, NAMES)
        assert f"Expected room for more rows in {str(path)!r}; received File" in str(refused.value)
        assert "written so far are kept. Make room" in str(refused.value)
        assert path.read_bytes() == whole[:size]
        with ResultsFile(path) as results:
            done = {name for name, _ in results.done}
            for name in NAMES[len(done) :]:
                results.append(answer(task(name)))
        assert path.read_bytes() == whole

    def test_it_is_told_where_there_is_no_room_for_the_first_line(
        self, path: Path, whole: bytes
    ) -> None:
        with room_for(10), pytest.raises(ResultsRefused, match="room for more rows"):
            ResultsFile(path)
        fill(path, NAMES)
        assert path.read_bytes() == whole


class TestContent:
    """A file that has a row is to be what it was."""

    @pytest.fixture
    def results(self, path: Path) -> Iterator[ResultsFile]:
        row = partial(Row, model="a", fingerprint="f" * 16, precision="f32", threshold=0.5)
        with ResultsFile(path) as results:
            results.append([row(file="a.png", sha256=hashlib.sha256(b"first").hexdigest())])
            results.append([row(file="large.png", reason="too large")])
        with ResultsFile(path) as results:
            yield results

    def test_only_what_was_read_can_be_compared(self, results: ResultsFile) -> None:
        assert results.contents == {"a.png": hashlib.sha256(b"first").hexdigest()}

    def test_the_same_content_is_taken_wherever_it_lies(
        self, results: ResultsFile, tmp_path: Path
    ) -> None:
        (tmp_path / "moved.png").write_bytes(b"first")
        results.require_content("a.png", tmp_path / "moved.png")

    def test_another_content_is_refused(self, results: ResultsFile, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(b"second")
        with pytest.raises(ResultsRefused, match=r"Expected at 'a\.png' what") as refused:
            results.require_content("a.png", tmp_path / "a.png")
        for content in (b"first", b"second"):
            assert hashlib.sha256(content).hexdigest() in str(refused.value)

    def test_a_file_that_is_gone_keeps_its_row(self, results: ResultsFile, tmp_path: Path) -> None:
        results.require_content("a.png", tmp_path / "a.png")

    def test_a_file_that_cannot_be_read_any_more_is_refused(
        self, results: ResultsFile, tmp_path: Path
    ) -> None:
        with pytest.raises(ResultsRefused, match="cannot be read: Is a directory"):
            results.require_content("a.png", tmp_path)


@pytest.mark.parametrize("kind", ["device", "folder", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    place = {"device": Path(os.devnull), "folder": tmp_path, "pipe": tmp_path / "pipe"}[kind]
    with pytest.raises(ResultsRefused, match="Expected a file; received a folder, pipe or device"):
        ResultsFile(place)
