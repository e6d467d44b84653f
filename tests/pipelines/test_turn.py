import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from pipelines.turn import FolderInUse, turn_in


def test_a_folder_is_for_one_command_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "run"
    with turn_in(folder):
        with pytest.raises(FolderInUse, match="run this one again"), turn_in(folder):
            pass
        with turn_in(tmp_path / "runs" / "other"):
            pass
    with turn_in(folder):
        pass
    assert list(folder.parent.iterdir()) == []


def test_a_turn_ends_with_an_error_in_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mine"), turn_in(tmp_path / "run"):
        raise ValueError("mine")
    with turn_in(tmp_path / "run"):
        pass


def test_the_folder_may_be_moved_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with turn_in(folder):
        folder.mkdir()
        folder.rename(tmp_path / "elsewhere")
        with pytest.raises(FolderInUse), turn_in(folder):
            pass


def _hold(folder: Path, held: Event, seconds: float) -> None:
    with turn_in(folder):
        held.set()
        time.sleep(seconds)


@contextmanager
def another(folder: Path, seconds: float) -> Iterator[SpawnProcess]:
    """Another process that has its turn, for some seconds."""
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    other = context.Process(target=_hold, args=(folder, held, seconds))
    other.start()
    try:
        assert held.wait(60)
        yield other
    finally:
        other.kill()
        other.join()


def test_the_turn_of_a_killed_command_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with another(folder, 60), pytest.raises(FolderInUse), turn_in(folder):
        pass
    with turn_in(folder):
        pass


def test_the_end_of_a_turn_can_be_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with another(folder, 0.5) as other, turn_in(folder, patience=60):
        other.join(60)
        assert other.exitcode == 0  # its turn had come to its end by itself
    with turn_in(folder), pytest.raises(FolderInUse), turn_in(folder, patience=0.2):
        pass
