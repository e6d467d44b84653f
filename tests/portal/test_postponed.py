import subprocess
import sys
import threading
from pathlib import Path

import pytest

from portal.postponed import Postponed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def never() -> Postponed:
    """One whose time does not come while a test runs, unless something else has it come."""
    return Postponed(60)


def test_work_waits_a_moment_and_is_then_done_by_another_thread() -> None:
    done = threading.Event()
    by: list[int] = []

    def work() -> None:
        by.append(threading.get_ident())
        done.set()

    Postponed(0.01).put(work)
    assert done.wait(10)
    assert by != [threading.get_ident()]


def test_it_is_done_at_once_when_that_is_asked_for_and_only_once(never: Postponed) -> None:
    done: list[str] = []
    never.put(lambda: done.append("work"))
    assert done == []
    never.finish()
    never.finish()
    assert done == ["work"]


def test_one_piece_waits_at_a_time(never: Postponed) -> None:
    done: list[str] = []
    never.put(lambda: done.append("first"))
    never.put(lambda: done.append("second"))
    assert done == ["first"]
    never.finish()
    assert done == ["first", "second"]


def test_a_process_that_ends_does_first_what_waits() -> None:
    code = (
        "from portal.postponed import Postponed; Postponed(0.2).put(lambda: print('done')); "
        "print('end')"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == "end\ndone\n"
