"""The portal at int8 beside the same others: its answers, latencies and memory."""

from dataclasses import replace

from benchmarks.serving import answers, latency, memory
from benchmarks.serving.aims import Aim
from benchmarks.serving.part import Part
from benchmarks.serving.plan import Plan
from benchmarks.serving.table import Table

PARTS: tuple[Part, ...] = (answers.measure, latency.measure, memory.measure)


def measure(plan: Plan, parts: tuple[Part, ...] = PARTS) -> tuple[list[Table], list[Aim]]:
    """Their tables, and the aims they decide."""
    folder = plan.folder / "int8"
    folder.mkdir()
    lower = replace(plan, precision="int8", folder=folder)
    found = [part(lower) for part in parts]
    return [table for tables, _ in found for table in tables], [
        aim for _, aims in found for aim in aims
    ]
