import json
from pathlib import Path

import pytest

from pipelines.training_log import LogEpochs, TrainingLog


def row(auc: float, *, loss: float = 0.5, seconds: float = 2.0) -> dict[str, float]:
    return {"loss": loss, "auc": 0.6, "val_auc": auc, "seconds": seconds}


@pytest.fixture
def log(tmp_path: Path) -> TrainingLog:
    """Two epochs of a first stage and three of a second one."""
    log = TrainingLog(tmp_path / "run" / "history.json")
    for stage, values in (("head", (0.6, 0.7)), ("blocks", (0.9, 0.8, 0.85))):
        for epoch, auc in enumerate(values):
            log.add(stage, epoch, row(auc))
    return log


def test_the_stages_are_stitched_into_one_history(log: TrainingLog) -> None:
    assert log.history == {
        "loss": (0.5,) * 5,
        "auc": (0.6,) * 5,
        "val_auc": (0.6, 0.7, 0.9, 0.8, 0.85),
    }
    assert log.stages == {"head": 1, "blocks": 3}
    assert log.epochs == 5
    assert log.seconds == 10.0


def test_a_repeated_epoch_replaces_its_row(log: TrainingLog) -> None:
    log.add("blocks", 1, row(0.95, seconds=5.0))
    assert log.history["val_auc"] == (0.6, 0.7, 0.9, 0.95, 0.85)
    assert log.epochs == 5
    assert log.seconds == 13.0


def test_a_new_run_goes_on_with_the_rows_of_the_old_one(log: TrainingLog, tmp_path: Path) -> None:
    again = TrainingLog(tmp_path / "run" / "history.json")
    assert again.history == log.history
    again.add("blocks", 3, row(0.5))
    assert again.epochs == 6
    assert again.stages == log.stages


@pytest.mark.usefixtures("log")
def test_the_file_is_always_whole(tmp_path: Path) -> None:
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["history.json"]
    rows = json.loads((tmp_path / "run" / "history.json").read_text("utf-8"))
    assert list(rows) == ["head/000", "head/001", "blocks/000", "blocks/001", "blocks/002"]


def test_the_best_value_is_that_of_its_stage_from_an_epoch_on(log: TrainingLog) -> None:
    assert log.best("head", "val_auc", 0) == 0.7
    assert log.best("blocks", "val_auc", 0) == 0.9
    assert log.best("blocks", "val_auc", 1) == 0.85
    assert log.best("blocks", "val_auc", 3) is None
    assert log.best("full size", "val_auc", 0) is None


def test_a_run_that_has_not_begun_has_no_best_value(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path / "history.json")
    assert log.best("head", "val_auc", 0) is None
    assert (log.epochs, log.seconds, log.stages) == (0, 0.0, {})


def test_every_epoch_is_logged_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = TrainingLog(tmp_path / "history.json")
    callback = LogEpochs(log, "head", epochs=5)
    callback.on_epoch_begin(1)
    callback.on_epoch_end(1, {"loss": 0.5, "auc": 0.6, "val_auc": 0.7})
    assert log.history == {"loss": (0.5,), "auc": (0.6,), "val_auc": (0.7,)}
    assert 0 <= log.seconds < 5
    told = capsys.readouterr().out
    assert "head, epoch 2/5: loss 0.500, AUC 0.600, validation AUC 0.700" in told
