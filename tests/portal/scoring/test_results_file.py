import csv
from dataclasses import replace
from pathlib import Path

import pytest

from portal.scoring.results_file import ResultsFile, ResultsRefused
from portal.scoring.row import COLUMNS
from tests.portal.scoring.works import MODEL, answer, task

NAMES = ["a.png", 'b "quoted", comma.png', "c\nline.png", "d\r.png", "снимок.png", "\udcff.png"]


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
    assert (row["fingerprint"], row["reason"]) == (MODEL.fingerprint, "")


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


@pytest.mark.parametrize("content", ["file,label\na.png,1\n", "notes", "\n"])
def test_another_file_is_refused_and_left_alone(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(ResultsRefused, match="begun by this command"):
        ResultsFile(path)
    assert path.read_text() == content


def test_what_is_being_written_is_refused(path: Path) -> None:
    with ResultsFile(path), pytest.raises(ResultsRefused, match="being written"):
        ResultsFile(path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsRefused, match="a file that can be written"):
        ResultsFile(tmp_path / "absent" / "results.csv")


def test_answers_of_another_version_are_not_mixed_in(path: Path) -> None:
    fill(path, ["a.png"])
    with ResultsFile(path) as results:
        results.require([MODEL])
        with pytest.raises(ResultsRefused, match="some with 0123456789abcdef"):
            results.require([replace(MODEL, fingerprint="f" * 16)])
