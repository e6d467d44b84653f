"""Trainer: the two strategies, resumable epoch by epoch."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras

from pipelines.batches import EvaluationBatches, TrainingBatches
from pipelines.config import Config
from pipelines.errors import NotTrained, PipelineRefused
from pipelines.model_factory import ModelFactory
from pipelines.sparsity import Pruning
from pipelines.stages import Stage, finetuned_stages, initial_stages
from pipelines.training_log import LogEpochs, TrainingLog

MONITOR = "val_auc"


class TrainingData(Protocol):
    """What the trainer asks of the data."""

    def training(self, pixels: int) -> TrainingBatches:
        """Training batches of images of this size."""

    def evaluation(self, part: str, pixels: int) -> EvaluationBatches:
        """Batches of a part, unchanged and in order."""

    def class_weights(self) -> dict[int, float]:
        """Class -> weight of its images in the loss."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network at full size, and how it came about."""

    model: keras.Model
    log: TrainingLog


class OtherRun(PipelineRefused):
    title = "The folder holds a run of another configuration"
    action = "Delete the folder, or pass `--restart` to begin again."


class Trainer:
    """Trains one network; run again after a kill it goes on where it was."""

    def __init__(self, config: Config, data: TrainingData, folder: Path) -> None:
        """Work in ``folder``, which belongs to this run alone.

        Raises:
            OtherRun: the folder holds a run of another configuration.
        """
        self.config = config
        self._data = data
        self._folder = folder
        self._factory = ModelFactory(config)
        folder.mkdir(parents=True, exist_ok=True)
        self._claim()
        self._log = TrainingLog(folder / "history.json")

    def _claim(self) -> None:
        path = self._folder / "config.json"
        if path.is_file():
            found = Config(**json.loads(path.read_text("utf-8"))).to_dict()
            other = [name for name, value in self.config.to_dict().items() if found[name] != value]
            if other:
                raise OtherRun(expected="the same settings", received=f"other {', '.join(other)}")
        path.write_text(self.config.to_json(), "utf-8")

    def run(self) -> Trained:
        """Train as the configured strategy says."""
        return self.fine_tune() if self.config.key.strategy.staged else self.train()

    def train(self) -> Trained:
        """Initially unfrozen: every layer learns from the first epoch."""
        return self._run(initial_stages(self.config))

    def fine_tune(self) -> Trained:
        """Progressive fine-tuning: a frozen backbone first, then its named blocks."""
        return self._run(finetuned_stages(self.config))

    def finished(self) -> Trained:
        """The network of a run that has come to its end.

        Raises:
            NotTrained: the last stage is not done.
        """
        staged = self.config.key.strategy.staged
        stages = finetuned_stages(self.config) if staged else initial_stages(self.config)
        last = self._folder / f"stage_{len(stages)}.weights.h5"
        if not last.is_file():
            raise NotTrained(
                expected=f"a finished run in {self._folder}",
                received="one that was stopped",
                action=f"Run `python -m pipelines train {self.config.key.slug}` again.",
            )
        model = self._factory.build()
        model.load_weights(last)
        return Trained(model, self._log)

    def _run(self, stages: tuple[Stage, ...]) -> Trained:
        model = self._factory.build()
        self._factory.initialise(model)
        for number, stage in enumerate(stages, start=1):
            done = self._folder / f"stage_{number}.weights.h5"
            if not done.is_file():
                weights = self._fit(stage, number, model.get_weights())
                model.set_weights(weights)
                model.save_weights(done)
            model.load_weights(done)
        return Trained(model, self._log)

    def _fit(self, stage: Stage, number: int, weights: list[Any]) -> list[Any]:
        """Train one stage from the given weights and return its best ones."""
        model = self._factory.build(stage.pixels, precision=self.config.precision)
        model.set_weights(weights)
        self._factory.freeze(model, backbone=stage.learns)
        batches = self._data.training(stage.pixels)
        self._compile(model, stage, len(batches))
        backup = self._folder / f"backup_{number}"
        best = self._folder / f"best_{number}.weights.h5"
        model.fit(
            batches,
            validation_data=self._data.evaluation("validation", stage.pixels),
            epochs=stage.epochs,
            class_weight=self._class_weight(),
            callbacks=self._callbacks(stage, batches, backup, best),
            verbose=0,
        )
        if best.is_file():
            model.load_weights(best)
        result: list[Any] = model.get_weights()
        shutil.rmtree(backup, ignore_errors=True)
        best.unlink(missing_ok=True)
        return result

    def _class_weight(self) -> dict[int, float] | None:
        return self._data.class_weights() if self.config.balance == "weights" else None

    def _compile(self, model: keras.Model, stage: Stage, steps: int) -> None:
        model.compile(
            optimizer=keras.optimizers.AdamW(
                learning_rate=self._rate(stage, steps), weight_decay=self.config.weight_decay
            ),
            loss=keras.losses.BinaryCrossentropy(label_smoothing=self.config.label_smoothing),
            metrics=[
                "accuracy",
                keras.metrics.AUC(name="auc"),
                keras.metrics.Precision(name="precision"),
                keras.metrics.Recall(name="recall"),
            ],
            jit_compile=False,  # on CPUs compiling costs more than it saves
        )
        # built now, so that a backup finds a place for the optimizer's state
        model.optimizer.build(model.trainable_variables)

    def _rate(self, stage: Stage, steps: int) -> Any:
        if self.config.schedule == "plateau":
            return stage.learning_rate
        warmup = self.config.warmup_epochs * steps if stage.epochs > 2 else 0
        return keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20 if warmup else stage.learning_rate,
            decay_steps=max(1, stage.epochs * steps - warmup),
            alpha=0.05,
            warmup_target=stage.learning_rate if warmup else None,
            warmup_steps=warmup,
        )

    def _callbacks(
        self, stage: Stage, batches: TrainingBatches, backup: Path, best: Path
    ) -> list[keras.callbacks.Callback]:
        settled = max(0, stage.ramp_epochs - 1) if self.config.sparsity else 0
        earlier = self._log.best(stage.name, MONITOR, settled)
        callbacks: list[keras.callbacks.Callback] = [StartEpoch(batches)]
        if self.config.sparsity:
            callbacks.append(Pruning(share=self.config.sparsity, epochs=stage.ramp_epochs))
        callbacks += [
            BestWeights(best, first_epoch=settled, earlier=earlier),
            LogEpochs(self._log, stage.name, stage.epochs),
            *self._plateau(),
            keras.callbacks.BackupAndRestore(backup, delete_checkpoint=False),
        ]
        return callbacks

    def _plateau(self) -> list[keras.callbacks.Callback]:
        if self.config.schedule != "plateau":
            return []
        return [
            keras.callbacks.ReduceLROnPlateau(MONITOR, mode="max", factor=0.3, patience=3),
            keras.callbacks.EarlyStopping(MONITOR, mode="max", patience=self.config.early_stop),
        ]


class StartEpoch(keras.callbacks.Callback):
    """Tells the batches which epoch it is, also after a resume."""

    def __init__(self, batches: TrainingBatches) -> None:
        """Tell these batches."""
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Deal out the epoch's images."""
        self._batches.start(epoch)


class BestWeights(keras.callbacks.ModelCheckpoint):
    """Keeps the weights of the best validation AUC, from the epoch on in which they may count."""

    def __init__(self, path: Path, *, first_epoch: int, earlier: float | None) -> None:
        """Write to ``path``; ``earlier`` is the best value of a resumed run."""
        super().__init__(
            str(path),
            monitor=MONITOR,
            mode="max",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=earlier if path.is_file() else None,
        )
        self._first_epoch = first_epoch

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save if better; not before the zeros are in place."""
        if epoch >= self._first_epoch:
            super().on_epoch_end(epoch, logs)
