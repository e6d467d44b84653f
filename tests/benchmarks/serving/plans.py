"""A plan of a run that is over at once."""

import sys
from pathlib import Path

from benchmarks.serving.plan import Plan
from models.catalogue import cohorts


def small_plan(folder: Path, said: list[str] | None = None, **fields: object) -> Plan:
    given = {
        "checkpoints": folder / "checkpoints",
        "portal_python": Path(sys.executable),
        "precision": "f32",
        "cohort": cohorts()[2],
        "rounds": 2,
        "repeats": 1,
        "seconds": 0.2,
        "folder": folder,
        "say": (said if said is not None else []).append,
    }
    return Plan(**given | fields)
