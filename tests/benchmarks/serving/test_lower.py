from dataclasses import replace
from pathlib import Path

from benchmarks.serving import latency, peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.lower import measure
from benchmarks.serving.plan import Plan
from benchmarks.serving.table import Table
from models import precision
from models.catalogue import Cohort, cohorts
from models.precision import LARGEST
from tests.benchmarks.serving.plans import small_plan
from tests.models.test_precision import RECORD


def test_parts_are_measured_at_a_precision_in_a_folder_of_their_own(tmp_path: Path) -> None:
    seen: list[Plan] = []

    def part(plan: Plan) -> tuple[list[Table], list[Aim]]:
        seen.append(plan)
        return latency.compared(plan, dict.fromkeys((peers.OURS, peers.PLAIN), answer))

    def answer(name: str, _: bytes) -> tuple[float, ...]:
        return (0.5,) * (3 if name.startswith("compare") else 1)

    plan = small_plan(tmp_path)
    tables, aims = measure("int8", (part, part), plan)
    for asked in seen:
        assert asked.precision == "int8"
        assert asked.folder.is_dir()
        assert asked.folder.parent == plan.folder
        assert asked.cohort == plan.cohort
    assert len(tables) == 2 * 4
    assert all(table.title.endswith(", int8") for table in tables)
    assert [(aim.what.endswith(", int8"), aim.bound) for aim in aims] == [(True, 8.0)] * 2


def test_a_cohort_that_is_served_as_a_whole_takes_the_place_of_one_that_is_not(
    tmp_path: Path,
) -> None:
    plan, (first, *_, last) = small_plan(tmp_path), cohorts()
    for cohort in (plan.cohort, last):
        for key in cohort.keys:
            precision.write(plan.checkpoints / key.checkpoint, RECORD)
    asked: list[Cohort] = []

    def part(plan: Plan) -> tuple[list[Table], list[Aim]]:
        asked.append(plan.cohort)
        return [], []

    measure("int8", (part,), plan)
    (plan.folder / "int8").rmdir()
    moves = {**RECORD.moves, "int8": replace(RECORD.moves["int8"], largest=LARGEST + 0.001)}
    refused = replace(RECORD, moves=moves)
    precision.write(plan.checkpoints / plan.cohort.keys[1].checkpoint, refused)
    measure("int8", (part,), plan)
    assert asked == [plan.cohort, last]
    assert first not in asked
