from pathlib import Path
from typing import Any

import keras
import pytest

from pipelines.errors import DamagedRun
from pipelines.saved_weights import Backup, BestWeights, load_whole, save_whole
from tests.pipelines.tiny_fits import fit, network, weights


def test_a_backup_holds_all_that_training_goes_on_from(tmp_path: Path) -> None:
    whole, first, second = network(), network(), network()
    fit(whole, 4)
    assert Backup(tmp_path).epochs_done == 0
    fit(first, 2, Backup(tmp_path))
    backup = Backup(tmp_path)
    assert backup.epochs_done == 2
    fit(second, 4, backup, begin=backup.epochs_done)
    assert weights(second) == pytest.approx(weights(whole), rel=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["000004.weights.h5"]


@pytest.mark.parametrize("left", ["part-000003.weights.h5", "000001.weights.h5"])
def test_a_kill_while_a_backup_is_written_does_no_harm(left: str, tmp_path: Path) -> None:
    first = network()
    fit(first, 2, Backup(tmp_path))
    (tmp_path / left).write_bytes(b"half of a file")
    backup = Backup(tmp_path)
    assert backup.epochs_done == 2
    second = network()
    fit(second, 3, backup, begin=2)
    third = [path.name for path in tmp_path.glob("[0-9]*")]
    assert third == ["000003.weights.h5"]


def test_a_kill_after_the_last_epoch_needs_no_further_one(tmp_path: Path) -> None:
    first, second = network(), network()
    fit(first, 2, Backup(tmp_path))
    backup = Backup(tmp_path)
    fit(second, 2, backup, begin=backup.epochs_done)
    assert weights(second) == weights(first)


def test_weights_are_written_whole(tmp_path: Path) -> None:
    save_whole(network(), tmp_path / "stage_1.weights.h5")
    assert [path.name for path in tmp_path.iterdir()] == ["stage_1.weights.h5"]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_weights_that_were_cut_off_are_told_with_what_to_delete(
    share: float, tmp_path: Path
) -> None:
    fit(network(), 2, Backup(tmp_path))
    file = tmp_path / "000002.weights.h5"
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(DamagedRun, match=rf"{file}.*Delete {tmp_path}, then train again"):
        fit(network(), 3, Backup(tmp_path), begin=2)


def test_weights_of_another_network_are_told(tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(5)])
    save_whole(other, tmp_path / "stage_1.weights.h5")
    with pytest.raises(DamagedRun):
        load_whole(network(), tmp_path / "stage_1.weights.h5")


def best_after(values: list[float], path: Path, **options: Any) -> int | None:
    """Which epoch's weights are kept when validation AUC takes these values."""
    model = network()
    callback = BestWeights(path, **{"first_epoch": 0, "earlier": None, **options})
    callback.set_model(model)
    for epoch, value in enumerate(values):
        model.layers[0].bias.assign([float(epoch)])
        callback.on_epoch_end(epoch, {"val_auc": value})
    if not path.is_file():
        return None
    model.load_weights(path)
    return int(model.layers[0].bias.numpy()[0])


@pytest.mark.parametrize(
    ("values", "options", "kept"),
    [
        ([0.6, 0.9, 0.8], {}, 1),
        ([0.9, 0.9, 0.9], {}, 0),
        ([0.9, 0.5, 0.6], {"first_epoch": 1}, 2),
        ([0.9, 0.5], {"first_epoch": 2}, None),
        ([float("nan"), 0.5], {}, 1),
        ([0.6, 0.7], {"earlier": 0.8}, 1),  # the earlier file is gone
    ],
)
def test_the_weights_of_the_best_validation_auc_are_kept(
    values: list[float], options: dict[str, Any], kept: int | None, tmp_path: Path
) -> None:
    assert best_after(values, tmp_path / "best.weights.h5", **options) == kept


def test_a_resumed_run_does_not_overwrite_what_was_better(tmp_path: Path) -> None:
    path = tmp_path / "best.weights.h5"
    assert best_after([0.2, 0.4, 0.8], path) == 2
    assert best_after([0.7], path, earlier=0.8) == 2
    assert best_after([0.7, 0.9], path, earlier=0.8) == 1
