import pytest

from pipelines.lesson import JOINT_PLANS, OWN_PLANS
from pipelines.trunk_plan import TrunkPlan


@pytest.mark.parametrize("plan", [*JOINT_PLANS.values(), *OWN_PLANS.values()])
def test_a_plan_leaves_time_to_learn_with_its_zeros(plan: TrunkPlan) -> None:
    *small, last = plan.stages(112)
    assert [stage.pixels for stage in small] == ([56] if plan.small_epochs else [])
    assert last.zeros is not None
    assert last.zeros[0] == last.zeros[1] <= last.epochs // 2
    assert last.epochs == plan.epochs


def test_without_small_images_there_is_one_stage() -> None:
    plan = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=3)
    assert [(stage.name, stage.pixels) for stage in plan.stages(112)] == [("trunk", 112)]
