import re
import sys
import time

import keras
import pytest

from pipelines.epoch_bar import epoch_bar
from pipelines.stages import initial_stages
from tests.pipelines.small import config
from tests.pipelines.tiny_fits import fit, network

STAGE = initial_stages(config(epochs=2))[0]


class Slow(keras.callbacks.Callback):
    """Takes so long for a step that a bar is drawn anew."""

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        time.sleep(0.15)


class Stopped(keras.callbacks.Callback):
    """Somebody stops the training in the middle of an epoch."""

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        raise KeyboardInterrupt


def test_a_terminal_shows_epoch_steps_and_loss_and_keeps_nothing_of_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with epoch_bar(STAGE) as bars:
        fit(network(), 2, *bars, Slow())
    told = capsys.readouterr().err
    for epoch in (1, 2):
        assert re.search(rf"all layers, epoch {epoch}/2: .* 1/1 .*loss \d+\.\d{{3}}", told)
    assert "\n" not in told
    assert told.endswith("\r")
    assert told.split("\r")[-2].strip() == ""


def test_nothing_stays_of_an_epoch_that_is_broken_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with pytest.raises(KeyboardInterrupt), epoch_bar(STAGE) as bars:
        fit(network(), 2, *bars, Stopped())
    told = capsys.readouterr().err
    assert "all layers, epoch 1/2" in told
    assert told.endswith("\r")
    assert told.split("\r")[-2].strip() == ""


def test_a_log_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with epoch_bar(STAGE) as bars:
        fit(network(), 2, *bars)
    assert bars == []
    assert capsys.readouterr().err == ""
