import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from portal.scoring import command
from portal.scoring.command import threads_of_each
from portal.scoring.row import Row, Task
from tests.fakes import png


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


def test_files_that_are_left_are_told_and_taken_up(
    tmp_path: Path,
    installed: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(png())
    monkeypatch.setenv("CHECKPOINTS", str(installed))
    monkeypatch.setattr(command, "Processes", FullMachine)
    parser = argparse.ArgumentParser()
    command.describe(parser)
    table = tmp_path.parent / f"{tmp_path.name}.csv"
    model = "vgg_ultrasound_initial"
    options = parser.parse_args([str(tmp_path), "--model", model, "--out", str(table)])
    seen = []
    for left in (2, 1, 0):
        assert command.run(options) == (1 if left else 0)
        said = capsys.readouterr().out
        assert (f"{left} were left, as this machine had no memory" in said) is bool(left)
        seen.append(table.read_text("utf-8").count("this file is damaged"))
    assert seen == [1, 2, 3]
