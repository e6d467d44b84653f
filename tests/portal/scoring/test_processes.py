import subprocess
import sys

import pytest

from portal.scoring.processes import Processes
from tests.functional.serving import ROOT
from tests.portal.scoring.works import answer, task


def test_rows_come_in_the_order_of_the_tasks() -> None:
    files = [f"{number}.png" for number in range(40)]
    with Processes(answer, 2) as processes:
        found = list(processes.scored(task(file) for file in files))
    assert [rows[0].file for rows in found] == files


def test_a_file_that_ends_its_process_is_a_row_with_its_reason() -> None:
    files = ["a.png", "killer.png", "b.png", "c.png", "another killer.png", "d.png"]
    with Processes(answer, 2) as processes:
        found = [rows for (rows,) in processes.scored(task(file) for file in files)]
    assert [row.file for row in found] == files
    ended = {row.file: row.reason for row in found if row.reason}
    assert set(ended) == {"killer.png", "another killer.png"}
    assert "came to an end" in ended["killer.png"]
    assert all(row.label for row in found if not row.reason)


FULL = """
import multiprocessing.popen_spawn_posix, multiprocessing.synchronize, os, resource, threading
from portal.scoring.processes import Processes
from tests.portal.scoring.works import answer, task

def tasks():
    yield from map(task, {early!r})
    {fill}
    yield from map(task, "abcdef")
    {empty}
    yield from map(task, "ghi")

with Processes(answer, 3) as processes:
    for rows in processes.scored(tasks()):
        print("row" if rows and rows[0].label else rows or "left")
"""
FILES = {
    "fill": "before, free = resource.getrlimit(resource.RLIMIT_NOFILE), os.dup(0); os.close(free); "
    "resource.setrlimit(resource.RLIMIT_NOFILE, (free + {room}, before[1]))",
    "empty": "resource.setrlimit(resource.RLIMIT_NOFILE, before)",
}
THREADS = {
    "fill": "before = resource.getrlimit(resource.RLIMIT_AS); threading.stack_size(2**36); "
    "resource.setrlimit(resource.RLIMIT_AS, (2**35, before[1]))",
    "empty": "threading.stack_size(0); resource.setrlimit(resource.RLIMIT_AS, before)",
}


def on_a_full_machine(fill: str, empty: str, room: int = 0, early: str = "") -> list[str]:
    """What becomes of early tasks, of six while there is little room, and of three after these."""
    code = FULL.format(early=early, fill=fill.format(room=room), empty=empty)
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (told.returncode, "Traceback" in told.stderr) == (0, False), told.stderr
    assert "a process could not be started" in told.stderr
    return told.stdout.split()


@pytest.mark.parametrize("full", [FILES, THREADS], ids=["files", "threads"])
def test_without_room_for_a_process_tasks_have_no_rows(full: dict[str, str]) -> None:
    assert on_a_full_machine(**full) == ["left"] * 6 + ["row"] * 3


def test_with_room_for_fewer_processes_these_do_the_work_of_all() -> None:
    room = 5  # files that a new process needs: 6; that an ended pool gives back: 8
    assert on_a_full_machine(**FILES, room=room, early="z") == ["row"] * 10
