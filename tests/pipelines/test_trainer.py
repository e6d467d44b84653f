import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from pipelines.__main__ import main
from pipelines.batches import TrainingBatches
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.divergence import Diverged, all_finite
from pipelines.errors import NotTrained, OtherRun
from pipelines.model_factory import HEAD, ModelFactory, backbone_layers
from pipelines.networks import Networks
from pipelines.saved_weights import Backup, save_whole
from pipelines.sparsity import prunable, zero_share
from pipelines.stages import finetuned_stages, initial_stages
from pipelines.trainer import Trainer, advice
from pipelines.training_log import TrainingLog
from tests.pipelines.conftest import Run
from tests.pipelines.killing import kill_when
from tests.pipelines.small import command_line, config
from tests.pipelines.tiny_fits import fit, network, weights


def trainer(run: Run, **fields: object) -> Trainer:
    chosen = run.config.changed(**fields)
    return Trainer(chosen, DataModule(chosen, run.work), run.folder)


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    return json.loads((folder / "history.json").read_text("utf-8"))


def test_initially_unfrozen_training_is_one_stage_and_compaction(initial_run: Run) -> None:
    log = TrainingLog(initial_run.folder / "history.json")
    assert log.stages == {"all layers": 1, "compaction": 3}
    assert log.epochs == 3
    assert {"loss", "auc", "accuracy", "precision", "recall"} <= log.history.keys()
    assert {f"val_{name}" for name in ("loss", "auc", "recall")} <= log.history.keys()
    assert all(len(values) == 3 for values in log.history.values())


def test_fine_tuning_stitches_two_stages_into_one_history(finetuned_run: Run) -> None:
    log = TrainingLog(finetuned_run.folder / "history.json")
    assert log.stages == {"frozen backbone": 1, "unfrozen blocks": 2}
    assert log.epochs == 5
    assert all(len(values) == 5 for values in log.history.values())
    assert np.isfinite([value for values in log.history.values() for value in values]).all()


def test_progress_is_told_epoch_by_epoch(finetuned_run: Run) -> None:
    assert f"[1/1] {finetuned_run.config.key.title}" in finetuned_run.told
    for told in ("frozen backbone, epoch 1/1: loss", "unfrozen blocks, epoch 4/4: loss"):
        assert told in finetuned_run.told
    assert f"Next: python -m pipelines evaluate {finetuned_run.config.key.slug}" in (
        finetuned_run.told
    )


def test_a_terminal_shows_how_far_an_epoch_is(
    prepared: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    chosen = config(epochs=1)
    Trainer(chosen, DataModule(chosen, prepared.work), tmp_path).run()
    told = capsys.readouterr().err
    assert "  all layers, epoch 1/1: " in told
    assert "\n" not in told


def test_fine_tuning_leaves_all_but_the_head_and_the_named_blocks_alone(
    finetuned_run: Run,
) -> None:
    factory = ModelFactory(finetuned_run.config)
    start = factory.build()
    factory.initialise(start)
    for number, named_learn in ((1, False), (2, True)):
        model = factory.build()
        model.load_weights(finetuned_run.folder / f"stage_{number}.weights.h5")
        for layer in [*backbone_layers(model), *(model.get_layer(name) for name in HEAD)]:
            named = layer.name.startswith(factory.backbone.unfreeze)
            before = start.get_layer(layer.name).get_weights()[0]
            changed = bool((layer.get_weights()[0] != before).any())
            assert changed == (layer.name in HEAD or (named and named_learn)), layer.name


def test_a_finished_run_leaves_its_settings_its_history_and_its_weights(
    finetuned_run: Run,
) -> None:
    assert sorted(path.name for path in finetuned_run.folder.iterdir()) == [
        "config.json",
        "history.json",
        "inputs.json",
        "stage_1.weights.h5",
        "stage_2.weights.h5",
    ]
    found = json.loads((finetuned_run.folder / "config.json").read_text("utf-8"))
    assert Config(**found) == finetuned_run.config


def test_the_zeros_that_were_asked_for_are_in_the_weights(initial_run: Run) -> None:
    model = trainer(initial_run).finished().model
    share = initial_run.config.sparsity
    assert zero_share(model) == pytest.approx(share, abs=1e-3)
    for kernel in prunable(model):
        assert np.mean(keras.ops.convert_to_numpy(kernel) == 0) == pytest.approx(share, abs=1e-3)


def test_the_dense_network_is_kept_beside_the_compacted_one(initial_run: Run) -> None:
    trained = trainer(initial_run).finished()
    assert trained.dense_weights is not None
    dense = trainer(initial_run)._factory.build()
    dense.load_weights(initial_run.folder / "stage_1.weights.h5")
    pairs = zip(dense.get_weights(), trained.dense_weights, strict=True)
    assert all((expected == found).all() for expected, found in pairs)
    dense.set_weights(trained.dense_weights)
    assert zero_share(dense) < 0.01


def test_without_compaction_there_is_only_one_network(finetuned_run: Run) -> None:
    assert trainer(finetuned_run).finished().dense_weights is None


def test_a_network_that_will_only_be_rounded_is_kept_as_it_is(
    finetuned_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finetuned_run.folder, folder)
    (folder / "config.json").unlink()
    chosen = finetuned_run.config.changed(mantissa_bits=3)
    data = DataModule(chosen, finetuned_run.work)
    trained = Trainer(chosen, data, folder).finished()
    assert trained.dense_weights is not None
    pairs = zip(trained.dense_weights, trained.model.get_weights(), strict=True)
    assert all((before == now).all() for before, now in pairs)


class Noting(keras.utils.PyDataset):
    """Training batches that note which epochs are dealt out."""

    def __init__(self, batches: TrainingBatches, epochs: list[int]) -> None:
        super().__init__()
        self.batches, self.epochs = batches, epochs

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return self.batches[index]

    def start(self, epoch: int) -> None:
        self.epochs.append(epoch)
        self.batches.start(epoch)


class NotingData(DataModule):
    """Data whose batches note their epochs."""

    def training(self, pixels: int, *, steps: int | None = None) -> Any:
        self.epochs: list[int] = getattr(self, "epochs", [])
        return Noting(super().training(pixels, steps=steps), self.epochs)


def test_epochs_are_counted_on_from_stage_to_stage(prepared: Run, tmp_path: Path) -> None:
    chosen = config(
        strategy="finetuned",
        frozen_epochs=2,
        unfrozen_epochs=3,
        sparsity=0.1,
        compaction_epochs=1,
    )
    data = NotingData(chosen, prepared.work)
    Trainer(chosen, data, tmp_path).run()
    assert data.epochs == [0, 1, 2, 3, 4, 5]


def test_a_run_ends_the_same_alone_and_after_another(prepared: Run, tmp_path: Path) -> None:
    chosen = config(epochs=2, steps_per_epoch=5)
    data, shared = DataModule(chosen, prepared.work), Networks()
    Trainer(chosen.changed(learning_rate=1e-2), data, tmp_path / "other", shared).run()
    after = Trainer(chosen, data, tmp_path / "after", shared).run()
    alone = Trainer(chosen, data, tmp_path / "alone").run()
    pairs = zip(after.model.get_weights(), alone.model.get_weights(), strict=True)
    for found, expected in pairs:
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_finished_run_is_not_trained_again(initial_run: Run) -> None:
    before = {path: path.stat().st_mtime_ns for path in initial_run.folder.glob("*.weights.h5")}
    history = rows(initial_run.folder)
    trained = trainer(initial_run).run()
    assert trained.model.input_shape == (None, 224, 224, 3)
    assert rows(initial_run.folder) == history
    assert before == {p: p.stat().st_mtime_ns for p in initial_run.folder.glob("*.weights.h5")}


def test_a_run_of_other_settings_is_refused_by_their_names(initial_run: Run) -> None:
    before = (initial_run.folder / "config.json").read_text("utf-8")
    with pytest.raises(OtherRun, match=r"other epochs, learning_rate\. .*--restart"):
        trainer(initial_run, epochs=3, learning_rate=0.1)
    assert (initial_run.folder / "config.json").read_text("utf-8") == before


def test_a_training_that_diverges_is_refused_until_its_rate_is_lower(
    prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prepared").symlink_to(prepared.work / "prepared")
    chosen = config(epochs=2)
    words = [*command_line(chosen, "epochs"), "--work", str(tmp_path)]
    folder = tmp_path / chosen.key.slug
    for more in ((), ("--restart",)):  # of the same settings nothing is forgotten
        assert main([*words, "--set", "learning_rate=1e9", *more]) == 2
        told = capsys.readouterr()
        assert re.search(r"loss (nan|inf) in epoch [12] of 2 \(all layers\)", told.err)
        assert "Lower the rate of 1e+09 with `--set learning_rate=...`" in told.err
        assert "Next:" not in told.out
        assert not list(folder.glob("stage_*"))
        assert not (folder / "best_1.weights.h5").exists()
    assert main(["evaluate", chosen.key.slug, "--work", str(tmp_path)]) == 2
    assert "train" in capsys.readouterr().err

    assert main(words) == 0  # nothing was learnt that would have to be forgotten
    trained = Trainer(chosen, DataModule(chosen, tmp_path), folder).finished()
    assert all_finite(trained.model)


def test_what_was_kept_before_a_training_diverged_stays(finetuned_run: Run, tmp_path: Path) -> None:
    """The first stage is done; in the second one the rate is too high."""
    chosen = finetuned_run.config.changed(unfrozen_learning_rate=1e9)
    first = tmp_path / "stage_1.weights.h5"
    shutil.copy(finetuned_run.folder / first.name, first)
    shutil.copy(finetuned_run.folder / "history.json", tmp_path)
    before = first.read_bytes()
    with pytest.raises(
        Diverged, match=r"\(unfrozen blocks\).*`--set unfrozen_learning_rate="
    ) as end:
        Trainer(chosen, DataModule(chosen, finetuned_run.work), tmp_path).run()
    assert "of 4" in end.value.received
    assert first.read_bytes() == before
    assert not (tmp_path / "stage_2.weights.h5").exists()
    assert not list(tmp_path.glob("backup_2/*"))


def test_a_finished_run_whose_weights_are_no_numbers_is_refused(
    finetuned_run: Run, tmp_path: Path
) -> None:
    folder = shutil.copytree(finetuned_run.folder, tmp_path / "run")
    model = ModelFactory(finetuned_run.config).build()
    model.load_weights(folder / "stage_2.weights.h5")
    model.get_layer("probability").bias.assign([float("nan")])
    save_whole(model, folder / "stage_2.weights.h5")
    run = Trainer(
        finetuned_run.config, DataModule(finetuned_run.config, finetuned_run.work), folder
    )
    for judged in (run.finished, run.run):
        with pytest.raises(Diverged, match=r"others in .*stage_2.*unfrozen_learning_rate.*restart"):
            judged()


def test_a_run_of_settings_that_are_now_refused_is_another(
    initial_run: Run, tmp_path: Path
) -> None:
    told = json.loads((initial_run.folder / "config.json").read_text("utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**told, "learning_rate": float("inf")}))
    data = DataModule(initial_run.config, initial_run.work)
    with pytest.raises(OtherRun, match=r"a finite learning_rate .*received inf.*--restart"):
        Trainer(initial_run.config, data, tmp_path)


def test_a_run_that_was_stopped_cannot_be_judged(prepared: Run, tmp_path: Path) -> None:
    data = DataModule(prepared.config, prepared.work)
    again = r"command that began it \(`train` or `study`, with the same options\) again"
    with pytest.raises(NotTrained, match=again):
        Trainer(prepared.config, data, tmp_path).finished()


def test_a_killed_run_goes_on_and_loses_one_epoch_at_most(
    finetuned_run: Run, tmp_path: Path
) -> None:
    (tmp_path / "prepared").symlink_to(finetuned_run.work / "prepared")
    chosen = finetuned_run.config
    command = [*command_line(chosen, "frozen_epochs", "unfrozen_epochs"), "--work", str(tmp_path)]
    folder = tmp_path / chosen.key.slug
    kill_when((folder / "backup_2" / "000001.weights.h5").is_file, ["-m", "pipelines", *command])

    before, first_stage = rows(folder), (folder / "stage_1.weights.h5").stat().st_mtime_ns
    assert {"frozen backbone/000", "unfrozen blocks/000"} <= before.keys()
    assert len(before) < 5
    assert not (folder / "stage_2.weights.h5").exists()

    assert main(command) == 0
    after = rows(folder)
    assert (folder / "stage_1.weights.h5").stat().st_mtime_ns == first_stage
    assert list(after) == list(rows(finetuned_run.folder))
    for name in ("frozen backbone/000", "unfrozen blocks/000"):
        assert after[name] == before[name]
        whole = rows(finetuned_run.folder)[name]
        assert after[name]["loss"] == pytest.approx(whole["loss"], rel=1e-3)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name for path in finetuned_run.folder.iterdir()
    )


def test_the_advice_names_the_rate_of_the_stage() -> None:
    chosen = config(sparsity=0.1, frozen_learning_rate=3.0, unfrozen_learning_rate=2.0)
    stages = *initial_stages(chosen), *finetuned_stages(chosen)
    told = [re.findall(r"rate of (\S+) with `--set (\w+)=", advice(stage))[0] for stage in stages]
    names = ["learning_rate"] * 2 + ["frozen_learning_rate"] + ["unfrozen_learning_rate"] * 2
    assert told == [(f"{getattr(chosen, name):g}", name) for name in names]


def rate(chosen: Config, run: Run, folder: Path) -> Any:
    """The learning rate of the first stage, ten steps to an epoch."""
    trainer = Trainer(chosen, DataModule(chosen, run.work), folder)
    return trainer._rate(initial_stages(chosen)[0], 10)


def test_the_cosine_schedule_warms_up_and_falls_to_a_twentieth(
    prepared: Run, tmp_path: Path
) -> None:
    chosen = config(schedule="cosine", warmup_epochs=1, epochs=5, learning_rate=1e-3)
    schedule = rate(chosen, prepared, tmp_path).schedule
    rates = [float(schedule(step)) for step in range(51)]
    assert rates[0] == pytest.approx(5e-5)
    assert rates[10] == max(rates) == pytest.approx(1e-3)
    assert rates[30] == pytest.approx(1e-3 * (0.05 + 0.95 / 2))
    assert rates[50] == pytest.approx(5e-5)
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_the_cosine_schedule_ends_at_the_share_that_is_set(prepared: Run, tmp_path: Path) -> None:
    """From 1e-4 to 1e-5 in 40 epochs, as the report that the study follows allows."""
    chosen = config(schedule="cosine", epochs=40, learning_rate=1e-4, final_rate_share=0.1)
    schedule = rate(chosen, prepared, tmp_path).schedule
    assert float(schedule(0)) == pytest.approx(1e-4)
    assert float(schedule(400)) == pytest.approx(1e-5)


def test_a_run_from_before_a_field_goes_on(finetuned_run: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(finetuned_run.folder, tmp_path / "run")
    told = json.loads((folder / "config.json").read_text("utf-8"))
    del told["final_rate_share"]
    (folder / "config.json").write_text(json.dumps(told), "utf-8")
    data = DataModule(finetuned_run.config, finetuned_run.work)
    assert Trainer(finetuned_run.config, data, folder).finished().log.epochs == 5
    with pytest.raises(OtherRun, match=r"other final_rate_share\."):
        Trainer(finetuned_run.config.changed(final_rate_share=0.1), data, folder)


def test_the_report_s_schedule_waits_for_flat_epochs(prepared: Run, tmp_path: Path) -> None:
    chosen = config(learning_rate=1e-3)
    assert rate(chosen, prepared, tmp_path).rate == 1e-3
    less, stop, _ = Trainer(chosen, DataModule(chosen, prepared.work), tmp_path)._plateau((), 0)
    assert (less.monitor, less.mode, less.factor, less.patience) == ("val_auc", "max", 0.3, 3)
    assert (stop.monitor, stop.mode, stop.patience) == ("val_auc", "max", 5)


class Say(keras.callbacks.Callback):
    """Gives every epoch a validation AUC, and notes which epochs there were at which rate."""

    def __init__(self, values: list[float]) -> None:
        super().__init__()
        self.values, self.rates = values, {}

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs["val_auc"] = self.values[epoch]
        self.rates[epoch] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


@pytest.mark.parametrize(("first", "settled"), [(0.5, 0), (0.9, 1)], ids=["first", "second"])
@pytest.mark.parametrize("done", [1, 3, 4, 5, 6])
def test_flat_epochs_before_a_kill_are_counted(
    done: int, first: float, settled: int, prepared: Run, tmp_path: Path
) -> None:
    """The rate falls after three of them and training stops after five, as without a kill."""
    values = [first, 0.7, 0.7, 0.6, 0.7, 0.7, 0.6, 0.9, 0.9]
    chosen = config(early_stop=5)
    plateau = Trainer(chosen, DataModule(chosen, prepared.work), tmp_path / "run")._plateau
    whole, before, after = Say(values), Say(values), Say(values)
    model = network()
    fit(model, 9, whole, *plateau((), settled))
    assert max(whole.rates) == 6
    assert whole.rates[6] == pytest.approx(0.3 * whole.rates[4])

    fit(network(), done, before, *plateau((), settled), Backup(tmp_path))
    resumed = network()
    fit(resumed, 9, after, *plateau(values[:done], settled), Backup(tmp_path), begin=done)
    assert {**before.rates, **after.rates} == pytest.approx(whole.rates)
    assert weights(resumed) == pytest.approx(weights(model), rel=1e-5)


def test_a_stage_that_flat_epochs_had_ended_is_not_gone_on_with(
    prepared: Run, tmp_path: Path
) -> None:
    """As after a kill between its last epoch and its file."""
    chosen = config(early_stop=1, epochs=9, schedule="plateau")
    stage = initial_stages(chosen)[0]
    results, epochs = [], []
    for _ in range(2):
        trainer = Trainer(chosen, DataModule(chosen, prepared.work), tmp_path)
        first = trainer._first(trainer._factory.build())
        results.append(trainer._fit(stage, 1, first, 0))
        epochs.append(TrainingLog(tmp_path / "history.json").epochs)
    assert epochs[0] == epochs[1] < 9
    assert all((one == other).all() for one, other in zip(*results, strict=True))


def test_a_compaction_ends_with_its_zeros_in_place_however_flat_its_epochs(
    prepared: Run, tmp_path: Path
) -> None:
    """Twice, as after a kill between its last epoch and its file."""
    chosen = config(early_stop=1, sparsity=0.9, compaction_epochs=16, schedule="plateau")
    stage = initial_stages(chosen)[-1]
    epochs = []
    for _ in range(2):
        trainer = Trainer(chosen, DataModule(chosen, prepared.work), tmp_path)
        model = trainer._factory.build()
        model.set_weights(trainer._fit(stage, 2, trainer._first(model), chosen.epochs))
        assert zero_share(model) == pytest.approx(0.9, abs=1e-3)
        epochs.append(TrainingLog(tmp_path / "history.json").epochs)
    assert stage.settled_epoch + 2 <= epochs[0] == epochs[1] < stage.epochs


def test_flat_epochs_do_not_end_a_stage_while_zeros_come(prepared: Run, tmp_path: Path) -> None:
    chosen = config(early_stop=1)
    plateau = Trainer(chosen, DataModule(chosen, prepared.work), tmp_path / "run")._plateau
    said = Say([0.9, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6, 0.6])
    fit(network(), 8, said, *plateau((), 4))
    assert max(said.rates) == 5
    assert said.rates[5] == said.rates[0]
