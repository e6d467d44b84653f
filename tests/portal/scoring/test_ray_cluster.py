import os
import signal
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest

from portal.scoring.ray_cluster import RayCluster, RayRefused
from tests.portal.scoring.works import answer, answer_and_sign, answer_at_second_try, task

with_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
without_ray = pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")

FILES = [f"{number}.png" for number in range(12)]


@with_ray
@pytest.mark.slow
class TestWithRay:
    """On an engine of this machine, with as many workers as it has processor cores."""

    def test_rows_come_in_the_order_of_the_tasks(self) -> None:
        with RayCluster(answer, "local") as cluster:
            found = list(cluster.scored(task(file) for file in FILES))
        assert [row.file for (row,) in found] == FILES
        assert all(row.label for (row,) in found)

    def test_what_a_killed_worker_had_is_given_to_another(self, tmp_path: Path) -> None:
        for file in FILES[1:]:
            (tmp_path / file).touch()
        work = partial(answer_at_second_try, tmp_path)
        with RayCluster(work, "local") as cluster:
            found = list(cluster.scored(task(file) for file in FILES))
        assert (tmp_path / FILES[0]).exists()
        assert [row.file for (row,) in found] == FILES
        assert all(row.label for (row,) in found)

    def test_a_worker_killed_in_the_middle_costs_no_row(self, tmp_path: Path) -> None:
        files = [f"{number}.png" for number in range(60)]
        with RayCluster(partial(answer_and_sign, tmp_path), "local") as cluster:
            rows = cluster.scored(task(file) for file in files)
            found = [next(rows) for _ in range(4)]
            killed = [int(path.name) for path in tmp_path.iterdir()][:1]
            os.kill(*killed, signal.SIGKILL)
            found += rows
            others = {int(path.name) for path in tmp_path.iterdir()} - set(killed)
        assert killed
        assert others
        assert [row.file for (row,) in found] == files
        assert all(row.label for (row,) in found)

    def test_a_file_that_ends_every_worker_is_a_row_with_its_reason(self) -> None:
        with RayCluster(answer, "local") as cluster:
            found = [rows for (rows,) in cluster.scored(map(task, ["killer.png", *FILES]))]
        assert [row.file for row in found if row.reason] == ["killer.png"]
        assert "came to an end" in (found[0].reason or "")


@without_ray
def test_without_ray_it_says_what_to_install() -> None:
    with pytest.raises(RayRefused, match="pip install ray"):
        RayCluster(answer, "auto")
