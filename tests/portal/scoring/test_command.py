import argparse
import gc
import os
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tqdm import tqdm

from models.catalogue import cohorts
from portal.scoring import command
from portal.scoring.command import threads_of_each
from portal.scoring.row import Row, Task
from tests.fakes import png, write_precisions


@pytest.mark.parametrize(
    ("processes", "cores", "threads"), [(2, 2, 1), (1, 2, 2), (4, 2, 1), (3, 16, 5), (0, 4, 4)]
)
def test_processes_share_the_cores(processes: int, cores: int, threads: int) -> None:
    assert threads_of_each(processes, cores) == threads


class FullMachine:
    """An engine with room for one file."""

    def __init__(self, *_arguments: object) -> None:
        pass

    def __enter__(self) -> "FullMachine":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def scored(self, tasks: Sequence[Task]) -> Iterator[tuple[Row, ...]]:
        for number, task in enumerate(tasks):
            yield () if number else task.refused("this file is damaged")


@pytest.fixture
def arguments(tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of a folder of three images."""
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(png())
    monkeypatch.setenv("CHECKPOINTS", str(installed))
    table = tmp_path.parent / f"{tmp_path.name}.csv"
    return [str(tmp_path), "--model", "vgg_ultrasound_initial", "--out", str(table)]


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.describe(parser)
    return parser.parse_args(arguments)


def run(options: argparse.Namespace) -> int:
    return command.run(options, machine=FullMachine)


def test_files_that_are_left_are_told_and_taken_up(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    options = parsed(arguments)
    seen = []
    for left in (2, 1, 0):
        assert run(options) == (1 if left else 0)
        said = capsys.readouterr().out
        assert said.startswith(f"Files with rows in {options.out}: {3 - left}, models: 1. ")
        assert "Files scored now: 1; of these could not be read or answered: 1, see the" in said
        assert (f"Files left: {left}, as this machine had no memory" in said) is bool(left)
        seen.append(options.out.read_text("utf-8").count("this file is damaged"))
    assert seen == [1, 2, 3]


class Interrupted:
    """A lock of bars: when it is taken again, in the midst of making one, Ctrl-C is pressed."""

    def __init__(self) -> None:
        self._lock, self._taken = threading.RLock(), 0

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()

    def acquire(self, *how: bool) -> bool:
        self._taken += 1
        if self._taken == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return self._lock.acquire(*how)

    def release(self) -> None:
        self._lock.release()


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Ctrl-C as soon as a bar is being made."""
    handler, lock = signal.signal(signal.SIGINT, signal.default_int_handler), tqdm.get_lock()
    tqdm.set_lock(Interrupted())
    yield
    tqdm.set_lock(lock)
    signal.signal(signal.SIGINT, handler)


@pytest.mark.usefixtures("interrupted")
def test_a_bar_that_is_being_made_does_not_complain_of_ctrl_c(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(parsed(arguments)) == 130
    gc.collect()  # one that is half made complains when it goes
    complaints = capsys.readouterr().err.strip()
    assert complaints.endswith("Stopped. Run the same command again to go on.")


def test_names_that_are_no_utf8_are_told(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for name in ("снимок.png", "\udcff.png"):
        (Path(arguments[0]) / name).write_bytes(png())
        for _ in range(5):  # files in all
            run(parsed(arguments))
        said.append(capsys.readouterr().out)
    assert "no UTF-8" not in said[0]
    assert r"File names in the table that are no UTF-8: 1, the first is '\udcff.png'." in said[1]


@pytest.mark.parametrize("option", ["--anyway", "--whole"])
def test_files_that_were_refused_before_are_told_and_not_asked_again(
    arguments: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for _ in range(3):
        run(parsed([*arguments, option]))
        said.append(capsys.readouterr().out)
    assert "of earlier runs" not in said[0]
    assert "Rows of earlier runs with a reason and no label: 2. Files that have a row" in said[2]
    assert "name another --out" in said[2]


class TestLowerPrecision:
    """Of the models of a page, at a precision that each refuses until it was measured."""

    COHORT = cohorts()[2]

    @pytest.fixture
    def checkpoints(
        self,
        installed: Path,
        tmp_path_factory: pytest.TempPathFactory,
        arguments: list[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Path:
        copy = tmp_path_factory.mktemp("models") / "checkpoints"
        shutil.copytree(installed, copy)
        monkeypatch.setenv("CHECKPOINTS", str(copy))
        monkeypatch.setenv("PRECISION", "int8")
        arguments[2] = str(self.COHORT)
        return copy

    @pytest.mark.usefixtures("checkpoints")
    def test_it_is_refused_before_a_file_is_read_where_no_model_answers(
        self, arguments: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        options = parsed(arguments)
        assert run(options) == 2
        complaints = capsys.readouterr().err
        assert "Expected a model that may be used at PRECISION=int8; received " in complaints
        for key in self.COHORT.keys:
            assert f"{key.slug} (expected a record of its answers at int8, received none)" in (
                complaints
            )
        assert "Set PRECISION=f32, or name another model with --model." in complaints
        assert not options.out.exists()

    def test_models_that_refuse_it_are_told_before_others_answer(
        self, arguments: list[str], checkpoints: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        answers, moves, unknown = self.COHORT.keys
        write_precisions(checkpoints, answers)
        write_precisions(checkpoints, moves, largest=0.03)
        assert run(parsed(arguments)) == 1  # the machine is full
        complaints = capsys.readouterr().err
        assert answers.slug not in complaints
        assert f"At PRECISION=int8 no answer will come from {moves.slug} (expected" in complaints
        assert "received a move of 0.030, and 0 of 200 changed).\n" in complaints
        assert f"At PRECISION=int8 no answer will come from {unknown.slug} (" in complaints
