"""Trainer: the two strategies, resumable epoch by epoch."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import keras
import numpy as np

from pipelines.batches import EvaluationBatches, TrainingBatches
from pipelines.config import Config
from pipelines.divergence import Diverged, RefuseDivergence, all_finite
from pipelines.epoch_bar import epoch_bar
from pipelines.epochs import StartEpoch
from pipelines.errors import DamagedRun, InvalidConfig, NotTrained, OtherRun
from pipelines.learning_rate import FirstRate, LowerRate, Memory, Rate
from pipelines.model_factory import ModelFactory
from pipelines.networks import Networks
from pipelines.options import FIRST_WEIGHTS
from pipelines.prepared_parts import PreparedParts, read_beforehand
from pipelines.run_folder import CONFIG, INPUTS, forget, learnt, make, note_config, read_config
from pipelines.saved_weights import Backup, BestWeights, load_whole, save_whole
from pipelines.sparsity import FULL_MANTISSA, Pruning
from pipelines.stages import COMPACTION, Stage, finetuned_stages, initial_stages, stages_of
from pipelines.training_log import MONITOR, LogEpochs, TrainingLog

_RATES: Mapping[str, str] = MappingProxyType(
    {
        "all": "learning_rate",
        "none": "frozen_learning_rate",
        "blocks": "unfrozen_learning_rate",
    }
)
"""What a stage lets learn -> the setting that is its learning rate."""


class TrainingData(PreparedParts, Protocol):
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
            DamagedRun: its configuration or its history cannot be read.
            FolderRefused: the folder cannot be made.
        """
        self.config = config
        self._data = data
        self._folder = folder
        self._factory = ModelFactory(config)
        self._networks = networks or Networks()
        make(folder)
        self._claim()
        self._history = folder / "history.json"
        self._log = TrainingLog(self._history)

    def _claim(self) -> None:
        path = self._folder / CONFIG
        if path.is_file():
            try:
                found = read_config(path).to_dict()
            except InvalidConfig as refusal:  # of a run from before it was refused
                raise OtherRun(expected=refusal.expected, received=refusal.received) from refusal
            other = [name for name, value in self.config.to_dict().items() if found[name] != value]
            if other == ["init"] and self._may_have_moved(found["init"]):
                return
            if other and learnt(self._folder):
                raise OtherRun(expected="the same settings", received=f"other {', '.join(other)}")
            if other:
                forget(self._folder)
            else:
                return
        note_config(self._folder, self.config)

    def _may_have_moved(self, init: str) -> bool:
        """Whether first weights lie in another place: their names and content, `claim` compares."""
        files = init not in FIRST_WEIGHTS and Path(self.config.init).is_file()
        return files and learnt(self._folder) and (self._folder / INPUTS).is_file()

    def run(self) -> Trained:
        """Train as the configured strategy says.

        Raises:
            InitUnavailable: there are no such first weights.
            DamagedPreparation: an image is missing or cannot be read.
            Diverged: losses or weights became infinite or no numbers at all.
        """
        return self.fine_tune() if self.config.key.strategy.staged else self.train()

    def train(self) -> Trained:
        """Initially unfrozen: all layers learn from the start, but for batch norms that stay."""
        return self._run(initial_stages(self.config))

    def fine_tune(self) -> Trained:
        """Progressive fine-tuning: a frozen backbone first, then its named blocks."""
        return self._run(finetuned_stages(self.config))

    def finished(self) -> Trained:
        """The network of a run that has come to its end.

        Raises:
            NotTrained: the last stage is not done.
            DamagedRun: the history is gone.
            Diverged: its weights are no finite numbers.
        """
        stages = stages_of(self.config)
        if not self._done(len(stages)).is_file():
            raise NotTrained(
                expected=f"a finished run in {self._folder}",
                received="one that was stopped",
                action="Run the command that began it (`train` or `study`, with the same options) "
                "again.",
            )
        if not self._log.epochs:
            raise DamagedRun(self._history)
        return self._trained(stages)

    def _trained(self, stages: tuple[Stage, ...]) -> Trained:
        """The network as the last stage left it, and as it was before compaction."""
        model = self._factory.build()
        dense = None
        recovered = stages[-1].name == COMPACTION
        if recovered or self.config.mantissa_bits < FULL_MANTISSA:
            load_whole(model, self._done(len(stages) - recovered))
            dense = model.get_weights()
        load_whole(model, self._done(len(stages)))
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
            load_whole(model, done)
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
        with epoch_bar(stage) as bars:
            model.fit(
                batches,
                validation_data=self._data.evaluation("validation", stage.pixels),
                epochs=stage.epochs,
                initial_epoch=self._begin(stage, backup.epochs_done),
                class_weight=self._class_weight(),
                shuffle=False,  # dealt out by seed; Keras would ask a shared generator
                callbacks=[
                    *bars,
                    StartEpoch(batches, before),
                    RefuseDivergence(stage, advice(stage)),
                    *self._callbacks(stage, len(batches), backup, best),
                ],
                verbose=0,
            )
        if best.is_file():
            load_whole(model, best)
        result: list[Any] = model.get_weights()
        return result

    def _begin(self, stage: Stage, done: int) -> int:
        """The epoch to begin with: past the last one where flat epochs had ended the stage."""
        values = self._log.values(stage.name, MONITOR)[stage.settled_epoch : done]
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

    def _rate(self, stage: Stage, steps: int) -> FirstRate | Rate:
        """What sets the learning rate: once, for others to lower it, or at every step."""
        if self.config.schedule == "plateau":
            return FirstRate(stage.learning_rate)
        warmup = self.config.warmup_epochs * steps if stage.epochs > 2 else 0
        cosine = keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20 if warmup else stage.learning_rate,
            decay_steps=max(1, stage.epochs * steps - warmup),
            alpha=self.config.final_rate_share,
            warmup_target=stage.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
        return Rate(cosine, steps)

    def _callbacks(
        self, stage: Stage, steps: int, backup: Backup, best: Path
    ) -> list[keras.callbacks.Callback]:
        earlier = self._log.best(stage.name, MONITOR, stage.settled_epoch)
        callbacks: list[keras.callbacks.Callback] = [self._rate(stage, steps)]
        if stage.zeros:
            begin, end = stage.zeros
            callbacks.append(Pruning(share=self.config.sparsity, begin=begin, end=end))
        callbacks += [
            BestWeights(best, first_epoch=stage.settled_epoch, earlier=earlier),
            LogEpochs(self._log, stage.name, stage.epochs),
            *self._plateau(
                self._log.values(stage.name, MONITOR)[: backup.epochs_done], stage.settled_epoch
            ),
            backup,
        ]
        return callbacks

    def _plateau(
        self, earlier: Sequence[float], settled_epoch: int
    ) -> list[keras.callbacks.Callback]:
        """What watches for flat epochs; ``earlier`` is the monitor in the epochs before a kill."""
        if self.config.schedule != "plateau":
            return []
        watching = (
            LowerRate(settled_epoch),
            keras.callbacks.EarlyStopping(
                MONITOR,
                mode="max",
                patience=self.config.early_stop,
                start_from_epoch=settled_epoch,  # before, zeros still come
            ),
        )
        return [*watching, Memory(watching, earlier)]


def advice(stage: Stage) -> str:
    """What to do where a stage of a run diverged."""
    return (
        f"Lower the rate of {stage.learning_rate:g} with `--set {_RATES[stage.learns]}=...`, and "
        "pass `--restart`."
    )
