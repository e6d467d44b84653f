import pytest

from pipelines import commands, step_time
from tests.pipelines.small import config

FLOAT, BFLOAT = config(), config(precision="mixed_bfloat16")


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch):
    """Lets a step in bfloat16 take so many times as long as in float32."""

    def take(ratio: float) -> None:
        times = {"float32": 0.25, "mixed_bfloat16": 0.25 * ratio}
        monkeypatch.setattr(step_time, "seconds", times.__getitem__)

    return take


def test_a_step_takes_time_in_each_of_the_numbers() -> None:
    assert 0 < step_time.seconds("float32") < 60
    assert 0 < step_time.seconds("mixed_bfloat16") < 60


def test_a_slow_machine_is_told_with_what_to_do(taking) -> None:
    taking(11.6)
    told = step_time.caution([FLOAT, BFLOAT])
    assert told.startswith("This machine is slow at mixed_bfloat16: ")
    assert "about 12 times as long as in float32" in told
    assert "`--set precision=float32`" in told


@pytest.mark.parametrize("ratio", [0.5, 1.4])
def test_a_quick_machine_is_told_nothing(ratio: float, taking) -> None:
    taking(ratio)
    assert step_time.caution([FLOAT, BFLOAT]) == ""


def test_who_trains_in_float32_waits_for_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_time, "seconds", {}.__getitem__)
    assert step_time.caution([FLOAT]) == ""


def test_training_begins_with_the_caution(taking, capsys: pytest.CaptureFixture[str]) -> None:
    taking(8.0)
    commands._start([BFLOAT])
    engine, caution = capsys.readouterr().out.splitlines()
    assert engine.startswith("Keras 3.")
    assert "8 times as long" in caution
    commands._start([FLOAT])
    assert len(capsys.readouterr().out.splitlines()) == 1
