from pathlib import Path

import keras
import pytest

from pipelines.divergence import Diverged, RefuseDivergence
from pipelines.saved_weights import Backup
from pipelines.stages import Stage
from tests.pipelines.tiny_fits import fit, network


@pytest.mark.parametrize(
    ("logs", "weight", "told"),
    [
        ({"loss": float("nan")}, 1.0, "loss nan in epoch 3 of 4 (head)"),
        ({"loss": 0.5, "val_loss": float("inf")}, 1.0, "validation loss inf in epoch 3 of 4"),
        ({"loss": 0.5, "fine_loss": float("nan")}, 1.0, "fine_loss nan in epoch 3 of 4"),
        ({"loss": 0.5, "val_loss": 0.6}, float("nan"), "other weights in epoch 3 of 4"),
        ({"loss": 0.5, "val_loss": 0.6}, float("inf"), "other weights in epoch 3 of 4"),
        ({"loss": 0.5, "val_auc": float("nan")}, 1.0, None),
    ],
)
def test_losses_and_weights_must_be_finite(
    logs: dict[str, float], weight: float, told: str | None
) -> None:
    model = network()
    model.layers[0].bias.assign([weight])
    stage = Stage(name="head", epochs=4, learns="none", learning_rate=1.0, pixels=56)
    callback = RefuseDivergence(stage, "Stop.")
    callback.set_model(model)
    if told is None:
        callback.on_epoch_end(2, logs)
        return
    with pytest.raises(Diverged) as refusal:
        callback.on_epoch_end(2, logs)
    assert refusal.value.received.startswith(told)
    assert refusal.value.action == "Stop."


def test_nothing_is_kept_of_an_epoch_in_which_weights_became_no_numbers(tmp_path: Path) -> None:
    class Break(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            if (tmp_path / "000001.weights.h5").is_file():
                self.model.layers[0].bias.assign([float("nan")])

    stage = Stage(name="head", epochs=4, learns="none", learning_rate=1.0, pixels=56)
    with pytest.raises(Diverged, match="epoch 2 of 4"):
        fit(network(), 4, Break(), RefuseDivergence(stage, "Stop."), Backup(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["000001.weights.h5"]
