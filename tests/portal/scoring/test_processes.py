from portal.scoring.processes import Processes
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
