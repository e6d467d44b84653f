import pytest

from portal.scoring.command import threads_of_each


@pytest.mark.parametrize(
    ("processes", "cores", "threads"), [(2, 2, 1), (1, 2, 2), (4, 2, 1), (3, 16, 5), (0, 4, 4)]
)
def test_processes_share_the_cores(processes: int, cores: int, threads: int) -> None:
    assert threads_of_each(processes, cores) == threads
