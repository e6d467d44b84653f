"""The portal at a lower precision beside the same others."""

from collections.abc import Iterable
from dataclasses import replace

from benchmarks.serving.aims import Aim
from benchmarks.serving.part import Part
from benchmarks.serving.plan import Plan
from benchmarks.serving.served import served
from benchmarks.serving.table import Table
from models.catalogue import Cohort, cohorts
from models.precision import Precision


def measure(
    precision: Precision, parts: Iterable[Part], plan: Plan
) -> tuple[list[Table], list[Aim]]:
    """The tables of some parts at a precision, and the aims they decide.

    Where a model of the plan's cohort refuses the precision, the first cohort takes its place in
    which none does.
    """
    folder = plan.folder / precision
    folder.mkdir()
    lower = replace(plan, precision=precision, folder=folder)
    lower = replace(lower, cohort=_cohort(lower))
    found = [part(lower) for part in parts]
    return [table for tables, _ in found for table in tables], [
        aim for _, aims in found for aim in aims
    ]


def _cohort(plan: Plan) -> Cohort:
    """One that the portal serves as a whole; the plan's own where there is none."""
    every = (plan.cohort, *cohorts())
    return next((one for one in every if all(served(plan, key) for key in one.keys)), plan.cohort)
