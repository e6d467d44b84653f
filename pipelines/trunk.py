"""A trunk: one backbone taught on the training images of all modalities at once, or of one.

It stands in for ImageNet weights where Keras has none to give: ``train --init FILE`` starts from
it.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.divergence import RefuseDivergence
from pipelines.epoch_bar import epoch_bar
from pipelines.epochs import StartEpoch
from pipelines.fused_norms import with_fused_norms
from pipelines.heads import LABELS, masked_cross_entropy, with_heads
from pipelines.jit import JIT
from pipelines.lesson import Lesson
from pipelines.model_factory import ModelFactory
from pipelines.prepared_parts import read_beforehand
from pipelines.run_folder import make
from pipelines.saved_weights import Backup, load_whole, save_whole
from pipelines.sparse_adamw import SparseAdamW
from pipelines.sparsity import Pruning
from pipelines.stages import Stage
from pipelines.trunk_plan import TrunkPlan

_ADVICE = (
    "Lower the rate in the lesson's plan, and pass `--restart`. Another seed (`--set seed=...`) "
    "deals out other splits, too: the models then need the same one."
)


class _Progress(keras.callbacks.Callback):
    """A line per epoch for the reader, with what the validation images say."""

    def __init__(self, stage: Stage, modules: Sequence[DataModule]) -> None:
        super().__init__()
        self._stage, self._modules = stage, modules

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        self._asked = keras.Model(model.input, model.get_layer(LABELS).output)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds = time.monotonic() - self._began
        areas = ", ".join(
            f"{module.config.modality} {self._area(column, module):.2f}"
            for column, module in enumerate(self._modules)
        )
        print(
            f"  {self._stage.name}, epoch {epoch + 1}/{self._stage.epochs}: "
            f"loss {(logs or {})['loss']:.3f}, validation AUC {areas} ({seconds:.0f} s)",
            flush=True,
        )

    def _area(self, column: int, module: DataModule) -> float:
        batches = module.evaluation("validation", self._stage.pixels)
        found = [self._asked.predict_on_batch(batches[i][0]) for i in range(len(batches))]
        return float(roc_auc_score(module.labels("validation"), np.concatenate(found)[:, column]))


class TrunkSchool:
    """Teaches one backbone; run again after a kill it goes on where it was."""

    def __init__(
        self,
        config: Config,
        lesson: Lesson,
        folder: Path,
        plan: TrunkPlan | None = None,
        *,
        factory: Callable[[Config], ModelFactory] = ModelFactory,
    ) -> None:
        """Work in ``folder``, which belongs to this backbone alone; the lesson has a plan for it.

        The lesson's validation images are asked, for the progress that is printed.

        Raises:
            FolderRefused: the folder cannot be made.
        """
        self._config, self._lesson, self._folder = config, lesson, folder
        self._plan = plan or lesson.plan(config.backbone)
        self._factory = factory(config)
        make(folder)

    def run(self) -> keras.Model:
        """The taught network: the backbone with a head for every modality of the lesson.

        Raises:
            DamagedPreparation: an image is missing or cannot be read.
            Diverged: losses or weights became infinite or no numbers at all.
        """
        stages = self._plan.stages(self._config.pixels)
        weights: list[Any] | None = None
        for number, stage in enumerate(stages, start=1):
            done = self._folder / f"stage_{number}.weights.h5"
            model = self._pupil(stage)
            if not done.is_file():
                model.set_weights(self._first() if weights is None else weights)
                before = sum(earlier.epochs for earlier in stages[: number - 1])
                self._fit(model, stage, number, before)
                save_whole(model, done)
            load_whole(model, done)
            weights = model.get_weights()
        names = [module.config.modality for module in self._lesson.modules]
        taught = with_heads(self._factory.build(), self._factory, names)
        taught.set_weights(model.get_weights())  # in the layers' order: some have no lasting name
        return taught

    def _first(self) -> list[Any]:
        network = self._factory.build()
        self._factory.initialise(network)
        weights: list[Any] = self._lesson.pupil(network, self._factory).get_weights()
        return weights

    def _pupil(self, stage: Stage) -> keras.Model:
        network = self._factory.build(stage.pixels, precision=self._config.precision)
        return with_fused_norms(self._lesson.pupil(network, self._factory))

    def _fit(self, model: keras.Model, stage: Stage, number: int, before: int) -> None:
        for module in self._lesson.modules:
            read_beforehand(module)
        steps = self._plan.steps
        batches = self._lesson.batches(model, steps)
        rate = keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20,
            decay_steps=max(1, (stage.epochs - 1) * steps),
            alpha=0.02,
            warmup_target=stage.learning_rate,
            warmup_steps=steps,
        )
        model.compile(
            optimizer=SparseAdamW(
                rate, weight_decay=self._config.weight_decay, global_clipnorm=5.0
            ),
            loss=masked_cross_entropy,
            jit_compile=JIT,
        )
        model.optimizer.build(model.trainable_variables)
        backup = Backup(self._folder / f"backup_{number}")
        with epoch_bar(stage) as bars:
            model.fit(
                batches,
                epochs=stage.epochs,
                initial_epoch=backup.epochs_done,
                shuffle=False,  # the lesson deals out by seed; Keras would ask a shared generator
                callbacks=[
                    *bars,
                    StartEpoch(batches, before),
                    RefuseDivergence(stage, _ADVICE),
                    *self._pruning(stage),
                    _Progress(stage, self._lesson.modules),
                    backup,
                ],
                verbose=0,
            )

    def _pruning(self, stage: Stage) -> list[keras.callbacks.Callback]:
        if not stage.zeros:
            return []
        begin, end = stage.zeros
        return [Pruning(share=self._config.sparsity, begin=begin, end=end)]
