from pathlib import Path

from benchmarks.serving import latency, peers
from benchmarks.serving.aims import Aim
from benchmarks.serving.lower import measure
from benchmarks.serving.plan import Plan
from benchmarks.serving.table import Table
from tests.benchmarks.serving.plans import small_plan


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
