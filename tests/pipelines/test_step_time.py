from collections.abc import Callable

import pytest

from pipelines import commands
from pipelines.step_time import caution, seconds
from tests.pipelines.small import config

FLOAT, BFLOAT = config(), config(precision="mixed_bfloat16")


def taking(ratio: float) -> Callable[[str], float]:
    """Steps that take so many times as long in bfloat16 as in float32."""
    return {"float32": 0.25, "mixed_bfloat16": 0.25 * ratio}.__getitem__


def test_a_step_takes_time_in_each_of_the_numbers() -> None:
    assert 0 < seconds("float32") < 60
    assert 0 < seconds("mixed_bfloat16") < 60


def test_a_slow_machine_is_told_with_what_to_do() -> None:
    told = caution([FLOAT, BFLOAT], taking(11.6))
    assert told.startswith("This machine is slow at mixed_bfloat16: ")
    assert "about 12 times as long as in float32" in told
    assert "`--set precision=float32`" in told


@pytest.mark.parametrize("ratio", [0.5, 1.4])
def test_a_quick_machine_is_told_nothing(ratio: float) -> None:
    assert caution([FLOAT, BFLOAT], taking(ratio)) == ""


def test_who_trains_in_float32_waits_for_no_measurement() -> None:
    assert caution([FLOAT], {}.__getitem__) == ""


def test_training_begins_with_the_caution(capsys: pytest.CaptureFixture[str]) -> None:
    commands._start([FLOAT])
    (engine,) = capsys.readouterr().out.splitlines()
    assert engine.startswith("Keras 3.")
    commands._start([BFLOAT])
    expected = [engine, caution([BFLOAT])]  # measured once: the same sentence, or none
    assert capsys.readouterr().out.splitlines() == [line for line in expected if line]
