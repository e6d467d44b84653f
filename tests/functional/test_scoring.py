"""``python -m portal score`` as a researcher runs it: bad files, a kill, and going on."""

import csv
import io
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.catalogue import MODALITIES, cohorts, model_keys
from pipelines.phantoms import phantom
from tests.conftest import Portal
from tests.fakes import encoded, png, write_precisions
from tests.functional.pages import verdicts
from tests.functional.serving import ROOT, started
from tests.functional.uploads import animated, bomb, one_pixel, truncated
from tests.heard_signals import heard

COHORT = cohorts()[2]
KEY = COHORT.keys[1]
GOOD = 16
BAD = {
    "broken/bomb.png": bomb,
    "broken/cut.png": lambda: truncated(png()),
    "broken/empty.png": lambda: b"",
    "broken/film.png": animated,
    "broken/labels.csv": lambda: b"file,label\n",
    "broken/one-pixel.png": one_pixel,
}
ENGINES = [
    pytest.param([], id="processes"),
    pytest.param(
        ["--ray", "local"],
        id="ray",
        marks=pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
    ),
]

Score = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images in two folders, bad ones among them, and a hidden file."""
    made = tmp_path_factory.mktemp("images")
    (made / "a folder").mkdir()
    (made / "broken").mkdir()
    for number in range(GOOD):
        picture = phantom(KEY.modality.key, number % 2, number)
        (made / "a folder" / f"снимок {number:02}.png").write_bytes(encoded(picture))
    for name, content in BAD.items():
        (made / name).write_bytes(content())
    (made / ".hidden").write_text("not to be read")
    return made


@pytest.fixture(scope="module")
def score(
    installed: Path, gates: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Score]:
    """Starts the command; what still runs at the end is stopped."""
    folders = {
        "CHECKPOINTS": str(installed),
        "GATES": str(gates),
        "CACHE_DIR": str(tmp_path_factory.mktemp("cache")),
    }
    with started(**folders) as begin:
        yield partial(begin, "score")


@pytest.fixture(scope="module")
def whole(score: Score, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run that nothing has disturbed."""
    out = tmp_path_factory.mktemp("whole") / "results.csv"
    process = score(folder, "--model", COHORT, "--out", out)
    said, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    assert "Traceback" not in complaints
    assert said.startswith(f"Files with rows in {out}: {GOOD + len(BAD)}, models: 3. ")
    return out


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_file_has_a_row_for_each_model(whole: Path) -> None:
    found = rows(whole)
    assert len(found) == 3 * (GOOD + len(BAD))
    assert [row["file"] for row in found] == sorted(row["file"] for row in found)
    assert [row["model"] for row in found[:3]] == [key.slug for key in COHORT.keys]
    assert {row["file"] for row in found if row["reason"]} == set(BAD)
    assert all(bool(row["label"]) != bool(row["reason"]) for row in found)


def test_the_answers_are_those_of_the_portal(whole: Path, folder: Path, portal: Portal) -> None:
    for row in rows(whole)[:3]:
        content = io.BytesIO((folder / row["file"]).read_bytes())
        answer = portal.client.post(f"/{row['model']}", data={"image": (content, "a.png")})
        (shown,) = verdicts(answer.text)
        assert row["label"] == shown.label
        assert row["verdict"] == shown.word
        assert row["fingerprint"] in answer.text
        assert float(row["probability"]) == pytest.approx(shown.probability, abs=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_happened(
    score: Score, folder: Path, whole: Path, tmp_path: Path, engine: list[str]
) -> None:
    out = tmp_path / "results.csv"
    process = score(folder, "--model", COHORT, "--out", out, *engine)
    begun(out, process, lines=5)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=300)  # ends when its processes have ended too
    early = min(out.stat().st_size, whole.stat().st_size * 3 // 4)  # a busy machine kills late
    with out.open("r+b") as stream:
        stream.truncate(early - 7)  # as if the kill had come in the midst of a row
    again = score(folder, "--model", COHORT, "--out", out, *engine)
    said, complaints = again.communicate(timeout=300)
    assert again.returncode == 0, complaints
    assert "Files scored now: 0; " not in said
    assert out.read_bytes() == whole.read_bytes()


@pytest.fixture
def many(folder: Path, tmp_path: Path) -> Path:
    """A folder that takes a while."""
    (tmp_path / "images").mkdir()
    for number in range(300):
        (tmp_path / f"images/{number}.png").symlink_to(folder / "a folder/снимок 00.png")
    return tmp_path / "images"


def begun(out: Path, process: subprocess.Popen[str], lines: int) -> None:
    """Wait until there are so many lines in the table."""
    while not (out.is_file() and out.read_bytes().count(b"\n") >= lines):
        assert process.poll() is None
        time.sleep(0.01)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_how_to_go_on(
    score: Score,
    many: Path,
    tmp_path: Path,
    number: signal.Signals,
    status: int,
    engine: list[str],
) -> None:
    out = tmp_path / "results.csv"
    process = heard(number, lambda: score(many, "--model", COHORT, "--out", out, *engine))
    begun(out, process, lines=4)
    os.kill(process.pid, number)
    _, complaints = process.communicate(timeout=300)
    assert process.returncode == status
    assert complaints.strip().endswith("Stopped. Run the same command again to go on.")
    assert "Traceback" not in complaints


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
def test_ctrl_c_in_the_first_moments_is_told_by_the_command_alone(
    score: Score, many: Path, tmp_path: Path, moment: float
) -> None:
    out = tmp_path / "results.csv"
    arguments = ("--model", COHORT, "--out", out, "--processes", 3)
    process = heard(signal.SIGINT, lambda: score(many, *arguments))
    begun(out, process, lines=1)
    time.sleep(moment)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
    _, complaints = process.communicate(timeout=300)
    assert process.returncode == 130
    assert complaints.strip().endswith("Stopped. Run the same command again to go on.")
    assert "Traceback" not in complaints


def test_a_run_that_is_done_does_nothing_more(score: Score, folder: Path, whole: Path) -> None:
    before = whole.read_bytes()
    said, _ = score(folder, "--model", COHORT, "--out", whole).communicate(timeout=300)
    assert "Files scored now: 0; " in said
    assert whole.read_bytes() == before


def test_a_full_disk_is_told_and_the_same_command_goes_on(
    score: Score, folder: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results.csv"
    most = whole.stat().st_size // 2
    alone = {"PYTHONDONTWRITEBYTECODE": "1", "COVERAGE_PROCESS_CONFIG": ""}  # no other file grows
    process = score(folder, "--model", COHORT, "--out", out, **alone)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))  # no file becomes larger
    complaints = refused(process)
    assert f"Expected room for more rows in {str(out)!r}; received File too large" in complaints
    assert "Make room, then run the same command again to go on." in complaints
    assert out.read_bytes() == whole.read_bytes()[:most]
    again = score(folder, "--model", COHORT, "--out", out)
    again.communicate(timeout=300)
    assert again.returncode == 0
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_table_whose_name_cannot_be_printed_is_named_escaped(
    score: Score, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/words.txt").write_text("words")
    out = tmp_path / "\udcff снимок.csv"
    arguments = (tmp_path / "images", "--model", KEY, "--out", out)
    process = score(*arguments, PYTHONIOENCODING=encoding)
    said, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    written = "снимок".encode(encoding, "backslashreplace").decode(encoding)
    assert rf"Files with rows in {tmp_path}/\udcff {written}.csv: 1, models: 1. " in said
    assert [row["file"] for row in rows(out)] == ["words.txt"]


@pytest.fixture
def copies(folder: Path, whole: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A folder and its table, to be changed."""
    images = shutil.copytree(folder, tmp_path / "images")
    return images, Path(shutil.copy(whole, tmp_path / "results.csv"))


def refused(process: subprocess.Popen[str]) -> str:
    """What a command says that refuses."""
    said, complaints = process.communicate(timeout=300)
    assert (process.returncode, said) == (2, "")
    assert "Traceback" not in complaints
    return complaints


def test_another_file_of_the_same_name_is_not_taken_for_the_one_that_was_scored(
    score: Score, copies: tuple[Path, Path]
) -> None:
    images, out = copies
    before = out.read_bytes()
    for number in (3, 5):
        (images / f"a folder/снимок {number:02}.png").write_bytes(png(99))
    (images / "new.png").write_bytes(png(7))
    complaints = refused(score(images, "--model", COHORT, "--out", out))
    assert "Expected at 'a folder/снимок 03.png' what its row was made from" in complaints
    assert "Name another file with --out, or delete the table" in complaints
    assert out.read_bytes() == before


def test_files_that_are_gone_keep_their_rows_and_new_ones_get_theirs(
    score: Score, copies: tuple[Path, Path]
) -> None:
    images, out = copies
    before = out.read_bytes()
    shutil.rmtree(images / "a folder")
    (images / "new.txt").write_text("words")
    process = score(images, "--model", COHORT, "--out", out)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    assert "Files scored now: 1; of these could not be read or answered: 1, see" in said
    assert out.read_bytes().startswith(before)
    assert [row["file"] for row in rows(out)[-3:]] == ["new.txt"] * 3


@pytest.fixture(scope="module")
def measured(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoints, of which one may be used at every precision."""
    copy = tmp_path_factory.mktemp("models") / "checkpoints"
    shutil.copytree(installed, copy)
    write_precisions(copy, KEY)
    return copy


def test_a_table_of_another_precision_is_not_gone_on_with(
    score: Score, folder: Path, whole: Path, measured: Path
) -> None:
    before = whole.read_bytes()
    assert {row["precision"] for row in rows(whole)} == {"f32"}
    environment = {"PRECISION": "bf16", "CHECKPOINTS": str(measured)}
    process = score(folder, "--model", COHORT, "--out", whole, **environment)
    assert "Expected answers at PRECISION=bf16; received some at f32" in refused(process)
    assert whole.read_bytes() == before


def test_a_table_of_another_modality_is_not_gone_on_with(
    score: Score, folder: Path, whole: Path
) -> None:
    before = whole.read_bytes()
    other = next(key for key in model_keys() if key.modality != KEY.modality)
    complaints = refused(score(folder, "--model", other, "--out", whole))
    assert f"Expected a table of models of {other.modality.key}; " in complaints
    assert f"received one with answers of {KEY.modality.key}." in complaints
    assert whole.read_bytes() == before


def test_the_precision_stands_in_every_row(score: Score, measured: Path, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(png())
    (tmp_path / "images/words.txt").write_text("words")
    out = tmp_path / "results.csv"
    environment = {"PRECISION": "int8", "CHECKPOINTS": str(measured)}
    process = score(tmp_path / "images", "--model", KEY, "--out", out, **environment)
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert [row["precision"] for row in rows(out)] == ["int8", "int8"]


def test_linked_folders_are_told(score: Score, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/b").symlink_to(folder)
    out = tmp_path / "results.csv"
    process = score(tmp_path / "images", "--model", KEY, "--out", out)
    assert "received only linked folders, which are not followed" in refused(process)
    (tmp_path / "images/words.txt").write_text("words")
    said, _ = score(tmp_path / "images", "--model", KEY, "--out", out).communicate(timeout=300)
    assert said.startswith(f"Files with rows in {out}: 1, models: 1. ")
    assert "Linked folders that were not followed: 1, the first is 'b'." in said


@pytest.mark.parametrize("out", [os.devnull, "."])
def test_results_go_into_a_file_only(score: Score, folder: Path, out: str) -> None:
    complaints = refused(score(folder, "--model", KEY, "--out", out))
    assert f"Expected a file; received a folder, pipe or device at '{out}'" in complaints


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["absent", "--model", KEY], "A folder cannot be read"),
        ([ROOT / "docs/scoring.md", "--model", KEY], "received Not a directory"),
        ([".", "--model", "vgg_elsewhere"], "The catalogue has no such entry"),
        (
            [".", *(f"--model=compare_{key}_initial" for key in MODALITIES)],
            "Expected models of one modality",
        ),
    ],
)
def test_what_cannot_be_scored_is_refused_at_once(
    score: Score, tmp_path: Path, arguments: list[object], words: str
) -> None:
    assert words in refused(score(*arguments, "--out", tmp_path / "results.csv"))
    assert not list(tmp_path.iterdir())
