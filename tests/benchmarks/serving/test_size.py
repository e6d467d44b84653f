import os
import sys
from pathlib import Path

from benchmarks.serving.size import allocated, measure
from tests.benchmarks.serving.plans import small_plan


def test_it_counts_what_files_take_on_the_disk(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    (folder / "a").write_bytes(os.urandom(300_000))
    os.sync()
    assert 300_000 <= allocated(tmp_path) < 400_000


def test_what_a_link_leads_to_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)
    assert allocated(tmp_path) == 0


def test_an_environment_that_is_not_the_portals_own_is_not_measured(tmp_path: Path) -> None:
    (table,), aims = measure(small_plan(tmp_path))
    assert table.rows[0][1].startswith("left out")
    assert aims == []
