"""Trainer: the two strategies, resumable epoch by epoch."""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops

from models.files import replace_file
from pipelines.batches import EvaluationBatches, Prepared, TrainingBatches
from pipelines.config import Config
from pipelines.errors import InvalidConfig, NotTrained, OtherRun, PipelineRefused
from pipelines.model_factory import ModelFactory
from pipelines.networks import Networks
from pipelines.run_folder import make
from pipelines.sparsity import FULL_MANTISSA, Pruning
from pipelines.stages import COMPACTION, Stage, finetuned_stages, initial_stages, stages_of
from pipelines.training_log import LogEpochs, TrainingLog

MONITOR = "val_auc"
_RATES: Mapping[str, str] = MappingProxyType(
    {
        "all": "learning_rate",
        "none": "frozen_learning_rate",
        "blocks": "unfrozen_learning_rate",
    }
)
"""What a stage lets learn -> the setting that is its learning rate."""


class Diverged(PipelineRefused):
    title = "The training diverged"


class PreparedParts(Protocol):
    """Images on disk, by the part of the split."""

    def prepared(self, part: str) -> Sequence[Prepared]:
        """The images of a part, in the order of its batches."""


class TrainingData(PreparedParts, Protocol):
    """What the trainer asks of the data."""

    def training(self, pixels: int) -> TrainingBatches:
        """Training batches of images of this size."""

    def evaluation(self, part: str, pixels: int) -> EvaluationBatches:
        """Batches of a part, unchanged and in order."""

    def class_weights(self) -> dict[int, float]:
        """Class -> weight of its images in the loss."""


class EpochBatches(Protocol):
    """Batches that deal out their images anew in every epoch."""

    def __len__(self) -> int:
        """Batches of an epoch."""

    def start(self, epoch: int) -> None:
        """Deal out the images of an epoch, counted from 0."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained network at full size, and how it came about."""

    model: keras.Model
    dense_weights: list[np.ndarray] | None  # before any compaction; None where there is none
    log: TrainingLog


class Trainer:
    """Trains one network; run again after a kill it goes on where it was."""

    def __init__(
        self,
        config: Config,
        data: TrainingData,
        folder: Path,
        networks: Networks | None = None,
    ) -> None:
        """Work in ``folder``, which belongs to this run alone.

        Runs that share ``networks`` spare each other the time of compiling.

        Raises:
            OtherRun: the folder holds a run of another configuration.
            FolderRefused: the folder cannot be made.
        """
        self.config = config
        self._data = data
        self._folder = folder
        self._factory = ModelFactory(config)
        self._networks = networks or Networks()
        make(folder)
        self._claim()
        self._log = TrainingLog(folder / "history.json")

    def _claim(self) -> None:
        path = self._folder / "config.json"
        if path.is_file():
            try:
                found = Config(**json.loads(path.read_text("utf-8"))).to_dict()
            except InvalidConfig as refusal:  # of a run from before it was refused
                raise OtherRun(expected=refusal.expected, received=refusal.received) from refusal
            other = [name for name, value in self.config.to_dict().items() if found[name] != value]
            if other:
                raise OtherRun(expected="the same settings", received=f"other {', '.join(other)}")
        replace_file(path, self.config.to_json().encode())

    def run(self) -> Trained:
        """Train as the configured strategy says.

        Raises:
            InitUnavailable: there are no such first weights.
            DamagedPreparation: an image is missing or cannot be read.
            Diverged: losses or weights became infinite or no numbers at all.
        """
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
            Diverged: its weights are no finite numbers.
        """
        stages = stages_of(self.config)
        if not self._done(len(stages)).is_file():
            raise NotTrained(
                expected=f"a finished run in {self._folder}",
                received="one that was stopped",
                action=f"Run `python -m pipelines train {self.config.key.slug}` again.",
            )
        return self._trained(stages)

    def _trained(self, stages: tuple[Stage, ...]) -> Trained:
        """The network as the last stage left it, and as it was before compaction."""
        model = self._factory.build()
        dense = None
        recovered = stages[-1].name == COMPACTION
        if recovered or self.config.mantissa_bits < FULL_MANTISSA:
            model.load_weights(self._done(len(stages) - recovered))
            dense = model.get_weights()
        model.load_weights(self._done(len(stages)))
        if not all_finite(model):  # of a run from before such an end was refused
            raise Diverged(
                expected="finite weights",
                received=f"others in {self._done(len(stages))}",
                action=advice(stages[-1]),
            )
        return Trained(model, dense, self._log)

    def _done(self, number: int) -> Path:
        """Where the weights of a finished stage lie."""
        return self._folder / f"stage_{number}.weights.h5"

    def _run(self, stages: tuple[Stage, ...]) -> Trained:
        model = self._factory.build()
        weights: list[np.ndarray] | None = None
        for number, stage in enumerate(stages, start=1):
            done = self._done(number)
            if not done.is_file():
                weights = self._first(model) if weights is None else weights
                before = sum(earlier.epochs for earlier in stages[: number - 1])
                model.set_weights(self._fit(stage, number, weights, before))
                save_whole(model, done)
            self._forget(number)
            model.load_weights(done)
            weights = model.get_weights()
        return self._trained(stages)

    def _first(self, model: keras.Model) -> list[np.ndarray]:
        """The weights that a run begins with."""
        self._factory.initialise(model)
        weights: list[np.ndarray] = model.get_weights()
        return weights

    def _fit(self, stage: Stage, number: int, weights: list[Any], before: int) -> list[Any]:
        """Train one stage from the given weights, after ``before`` epochs; return its best ones."""
        read_beforehand(self._data)
        model = self._networks.of(self.config, stage)
        model.set_weights(weights)
        batches = self._data.training(stage.pixels)
        states, best = self._leftovers(number)
        backup = Backup(states)
        model.fit(
            batches,
            validation_data=self._data.evaluation("validation", stage.pixels),
            epochs=stage.epochs,
            initial_epoch=self._begin(stage, backup.epochs_done),
            class_weight=self._class_weight(),
            shuffle=False,  # the batches are dealt out by seed; Keras would ask a shared generator
            callbacks=[
                StartEpoch(batches, before),
                RefuseDivergence(stage, advice(stage)),
                *self._callbacks(stage, len(batches), backup, best),
            ],
            verbose=0,
        )
        if best.is_file():
            model.load_weights(best)
        result: list[Any] = model.get_weights()
        return result

    def _begin(self, stage: Stage, done: int) -> int:
        """The epoch to begin with: past the last one where flat epochs had ended the stage."""
        values = self._log.values(stage.name, MONITOR)[:done]
        flat = len(values) - 1 - int(np.argmax(values)) if values else 0
        ended = self.config.schedule == "plateau" and flat >= self.config.early_stop
        return stage.epochs if ended else done

    def _leftovers(self, number: int) -> tuple[Path, Path]:
        """Where a stage keeps its last epoch and its best weights until it is done."""
        return self._folder / f"backup_{number}", self._folder / f"best_{number}.weights.h5"

    def _forget(self, number: int) -> None:
        backup, best = self._leftovers(number)
        shutil.rmtree(backup, ignore_errors=True)
        best.unlink(missing_ok=True)

    def _class_weight(self) -> dict[int, float] | None:
        return self._data.class_weights() if self.config.balance == "weights" else None

    def _rate(self, stage: Stage, steps: int) -> "FirstRate | Rate":
        """What sets the learning rate: once, for others to lower it, or at every step."""
        if self.config.schedule == "plateau":
            return FirstRate(stage.learning_rate)
        warmup = self.config.warmup_epochs * steps if stage.epochs > 2 else 0
        cosine = keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20 if warmup else stage.learning_rate,
            decay_steps=max(1, stage.epochs * steps - warmup),
            alpha=0.05,
            warmup_target=stage.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
        return Rate(cosine, steps)

    def _callbacks(
        self, stage: Stage, steps: int, backup: "Backup", best: Path
    ) -> list[keras.callbacks.Callback]:
        earlier = self._log.best(stage.name, MONITOR, stage.settled_epoch)
        callbacks: list[keras.callbacks.Callback] = [self._rate(stage, steps)]
        if stage.zeros:
            begin, end = stage.zeros
            callbacks.append(Pruning(share=self.config.sparsity, begin=begin, end=end))
        callbacks += [
            BestWeights(best, first_epoch=stage.settled_epoch, earlier=earlier),
            LogEpochs(self._log, stage.name, stage.epochs),
            *self._plateau(self._log.values(stage.name, MONITOR)[: backup.epochs_done]),
            backup,
        ]
        return callbacks

    def _plateau(self, earlier: Sequence[float]) -> list[keras.callbacks.Callback]:
        """What watches for flat epochs; ``earlier`` is the monitor in the epochs before a kill."""
        if self.config.schedule != "plateau":
            return []
        watching = (
            keras.callbacks.ReduceLROnPlateau(MONITOR, mode="max", factor=0.3, patience=3),
            keras.callbacks.EarlyStopping(MONITOR, mode="max", patience=self.config.early_stop),
        )
        return [*watching, Memory(watching, earlier)]


class StartEpoch(keras.callbacks.Callback):
    """Tells the batches, and the dropout, which epoch of the run it is, also after a resume."""

    def __init__(self, batches: EpochBatches, before: int) -> None:
        """Tell these batches, counting on from the ``before`` epochs of earlier stages."""
        super().__init__()
        self._batches, self._before = batches, before

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Deal out the epoch's images; count the dropout's draws as if training never stopped.

        Keras keeps this count, one draw a step, in no weights file.
        """
        epoch += self._before
        self._batches.start(epoch)
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Dropout):
                state = layer.seed_generator.state
                seed = int(ops.convert_to_numpy(state)[0])
                state.assign([seed, epoch * len(self._batches)])


class RefuseDivergence(keras.callbacks.Callback):
    """Ends a training that diverged; it stands before all that keeps something of an epoch."""

    def __init__(self, stage: Stage, action: str) -> None:
        """Watch over ``stage``; ``action`` says what to do."""
        super().__init__()
        self._stage, self._action = stage, action

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Look at the losses, and at the weights: a loss tells only of those before a step.

        Raises:
            Diverged: one of them is infinite or no number.
        """
        bad = [
            f"{name.replace('val_', 'validation ')} {value}"
            for name, value in (logs or {}).items()
            if name.endswith("loss") and not math.isfinite(value)
        ]
        if not bad and not all_finite(self.model):
            bad = ["other weights"]
        if bad:
            raise Diverged(
                expected="finite losses and weights",
                received=f"{', '.join(bad)} in epoch {epoch + 1} of {self._stage.epochs} "
                f"({self._stage.name})",
                action=self._action,
            )


def all_finite(model: keras.Model) -> bool:
    """Whether no weight is infinite or no number."""
    return all(bool(np.isfinite(array).all()) for array in model.get_weights())


def advice(stage: Stage) -> str:
    """What to do where a stage of a run diverged."""
    return (
        f"Lower the rate of {stage.learning_rate:g} with `--set {_RATES[stage.learns]}=...`, and "
        "pass `--restart`."
    )


def read_beforehand(data: PreparedParts) -> None:
    """Read the images that training asks for: what a batch raises, TensorFlow hides in its own.

    Raises:
        DamagedPreparation: one is missing or cannot be read.
    """
    for part in ("train", "validation"):
        for image in data.prepared(part):
            image.read(image.path)


class Memory(keras.callbacks.Callback):
    """Tells callbacks that count flat epochs of those before a kill.

    It stands behind them and before the backup, which sets the learning rate in the end.
    """

    def __init__(
        self, watching: Sequence[keras.callbacks.Callback], earlier: Sequence[float]
    ) -> None:
        """Tell ``watching`` the monitor's values of the epochs that are done."""
        super().__init__()
        self._watching, self._earlier = watching, earlier

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Tell them, once they have forgotten everything."""
        for epoch, value in enumerate(self._earlier):
            for callback in self._watching:
                callback.on_epoch_end(epoch, {MONITOR: value})


class FirstRate(keras.callbacks.Callback):
    """Sets the learning rate that a stage begins with; a resumed one then gets its own again."""

    def __init__(self, rate: float) -> None:
        """Begin with ``rate``."""
        super().__init__()
        self.rate = rate

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Set it."""
        self.model.optimizer.learning_rate = self.rate


class Rate(keras.callbacks.Callback):
    """Sets the learning rate of every step, so that a compiled network serves any schedule."""

    def __init__(
        self, schedule: keras.optimizers.schedules.LearningRateSchedule, steps: int
    ) -> None:
        """Follow ``schedule``, which counts steps over all epochs, of ``steps`` each."""
        super().__init__()
        self.schedule, self._steps = schedule, steps

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Note how many steps went before, also after a resume."""
        self._before = epoch * self._steps

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Set the step's rate."""
        self.model.optimizer.learning_rate = float(self.schedule(self._before + batch))


def save_whole(model: keras.Model, path: Path) -> None:
    """Write weights and the optimizer's state, whole or not at all, as ``*.weights.h5``."""
    partial = path.with_name(f"part-{path.name}")
    model.save_weights(partial, overwrite=True)
    partial.replace(path)


class Backup(keras.callbacks.Callback):
    """Keeps the state after the last whole epoch; a new run begins with it.

    Unlike with Keras' BackupAndRestore, a kill while it is written does no harm.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the state in ``folder``, in a file named for the epochs that are done."""
        super().__init__()
        self._folder = folder

    @property
    def epochs_done(self) -> int:
        """How many epochs the newest state has behind it."""
        return max((int(path.name.partition(".")[0]) for path in self._states()), default=0)

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Go on where an earlier run was; ``fit`` must begin at ``epochs_done``."""
        for state in self._states()[-1:]:
            self.model.load_weights(state)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the new state, then drop the old one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        old = self._states()
        save_whole(self.model, self._folder / f"{epoch + 1:06d}.weights.h5")
        for path in old:
            path.unlink()

    def _states(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*.weights.h5"))


class BestWeights(keras.callbacks.Callback):
    """Keeps the weights of the best validation AUC, from the epoch on in which they may count."""

    def __init__(self, path: Path, *, first_epoch: int, earlier: float | None) -> None:
        """Write to ``path``; ``earlier`` is the best value of a resumed run."""
        super().__init__()
        self._path, self._first_epoch = path, first_epoch
        self._best = earlier if earlier is not None and path.is_file() else -math.inf

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save if better; not before the zeros are in place."""
        value = (logs or {})[MONITOR]
        if epoch >= self._first_epoch and value > self._best:
            self._best = value
            save_whole(self.model, self._path)
