"""Which models the portal serves at the precision of a run."""

from benchmarks.serving.plan import Plan
from models.catalogue import ModelKey
from models.precision import read


def served(plan: Plan, key: ModelKey) -> bool:
    """Whether a model does not refuse it."""
    if plan.precision == "f32":
        return True
    record = read(plan.checkpoints / key.checkpoint)
    return record is not None and record.moves[plan.precision].small
