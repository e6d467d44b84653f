"""The portal at a lower precision beside the same others."""

from collections.abc import Iterable
from dataclasses import replace

from benchmarks.serving.aims import Aim
from benchmarks.serving.part import Part
from benchmarks.serving.plan import Plan
from benchmarks.serving.table import Table


def measure(precision: str, parts: Iterable[Part], plan: Plan) -> tuple[list[Table], list[Aim]]:
    """The tables of some parts at a precision, and the aims they decide."""
    folder = plan.folder / precision
    folder.mkdir()
    lower = replace(plan, precision=precision, folder=folder)
    found = [part(lower) for part in parts]
    return [table for tables, _ in found for table in tables], [
        aim for _, aims in found for aim in aims
    ]
