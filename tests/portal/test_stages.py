import pytest

from portal.stages import Stages


def test_stages_are_timed_in_their_order() -> None:
    stages = Stages()
    for stage in ("read", "infer"):
        with stages.timed(stage):
            pass
    assert list(stages) == ["read", "infer"]
    assert all(seconds >= 0 for seconds in stages.values())


def test_a_stage_that_comes_again_adds_up() -> None:
    stages = Stages(infer=1.5)
    with stages.timed("infer"):
        pass
    assert stages["infer"] > 1.5


def test_a_stage_that_fails_is_timed() -> None:
    stages = Stages()
    with pytest.raises(ZeroDivisionError), stages.timed("read"):
        raise ZeroDivisionError
    assert stages["read"] > 0
