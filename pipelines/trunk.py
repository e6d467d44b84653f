"""A trunk: one backbone taught on the training images of all modalities at once, by their labels.

It stands in for ImageNet weights where Keras has none to give: ``train --init FILE`` starts from
it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from sklearn.metrics import roc_auc_score

from pipelines.batches import TrainingBatches
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.fused_norms import with_fused_norms
from pipelines.model_factory import ModelFactory, head_name
from pipelines.sparsity import Pruning
from pipelines.stages import Stage
from pipelines.trainer import Backup, StartEpoch, save_whole

OTHER = -1.0  # in place of a label: the image is of another modality


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkPlan:
    """How long a backbone goes to this school."""

    learning_rate: float
    small_epochs: int  # on images of half the side, before the others
    epochs: int
    steps: int = 48  # of an epoch

    def stages(self, pixels: int) -> tuple[Stage, ...]:
        """The stages, every layer learning in each; zeros come early in the last, all at once."""
        main = Stage(
            name="trunk",
            epochs=self.epochs,
            learns="all",
            learning_rate=self.learning_rate,
            pixels=pixels,
            zeros=(self.epochs // 3, self.epochs // 3),
        )
        small = Stage(
            name="small images",
            epochs=self.small_epochs,
            learns="all",
            learning_rate=self.learning_rate,
            pixels=pixels // 2,
        )
        return (small, main) if self.small_epochs else (main,)


PLANS: Mapping[str, TrunkPlan] = MappingProxyType(
    {
        "resnet": TrunkPlan(learning_rate=1e-3, small_epochs=16, epochs=20),
        "vgg": TrunkPlan(learning_rate=2e-4, small_epochs=18, epochs=10),
        "densenet": TrunkPlan(learning_rate=1e-3, small_epochs=12, epochs=24),
    }
)


class JointBatches(keras.utils.PyDataset):
    """Batches with as many images of every modality.

    Items are images as those of ``TrainingBatches``, and (batch, modalities) float32 labels: 0 or
    1 in the column of the image's modality, ``OTHER`` elsewhere.
    """

    def __init__(self, parts: Sequence[TrainingBatches]) -> None:
        """Put together one batch of each part, which have as many batches."""
        super().__init__()
        self._parts = parts

    def __len__(self) -> int:
        return len(self._parts[0])

    def start(self, epoch: int) -> None:
        """Deal out the images of an epoch."""
        for part in self._parts:
            part.start(epoch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        batches = [part[index] for part in self._parts]
        truth = [_told(labels, column, len(batches)) for column, (_, labels) in enumerate(batches)]
        return np.concatenate([images for images, _ in batches]), np.concatenate(truth)


def _told(labels: np.ndarray, column: int, modalities: int) -> np.ndarray:
    """(n, 1) labels of one modality -> (n, modalities)."""
    told = np.full((len(labels), modalities), OTHER, np.float32)
    told[:, column] = labels[:, 0]
    return told


def masked_cross_entropy(truth: keras.KerasTensor, found: keras.KerasTensor) -> keras.KerasTensor:
    """Smoothed binary cross-entropy over the entries that are a label, not ``OTHER``."""
    known = ops.cast(ops.greater_equal(truth, 0.0), found.dtype)
    loss = ops.binary_crossentropy(ops.clip(truth, 0.05, 0.95), found)
    return ops.sum(loss * known, axis=-1)


def with_heads(model: keras.Model, factory: ModelFactory, modalities: Sequence[str]) -> keras.Model:
    """The network's backbone with the study's head once for every modality.

    Returns:
        A model from (n, pixels, pixels, 3) RGB in 0..255 to (n, modalities) probabilities.
    """
    pooled = model.get_layer("pool").output
    heads = [factory.head(pooled, of=head_name("", modality)) for modality in modalities]
    return keras.Model(model.input, layers.Concatenate(dtype="float32", name="labels")(heads))


class _Progress(keras.callbacks.Callback):
    """A line per epoch for the reader, with what the validation images say."""

    def __init__(self, stage: Stage, modules: Sequence[DataModule]) -> None:
        super().__init__()
        self._stage, self._modules = stage, modules

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
        found = [self.model.predict_on_batch(batches[i][0]) for i in range(len(batches))]
        return float(roc_auc_score(module.labels("validation"), np.concatenate(found)[:, column]))


class TrunkSchool:
    """Teaches one backbone; run again after a kill it goes on where it was."""

    def __init__(
        self,
        config: Config,
        modules: Sequence[DataModule],
        folder: Path,
        plan: TrunkPlan | None = None,
    ) -> None:
        """Work in ``folder``, which belongs to this backbone alone; its own plan is the default."""
        self._config, self._modules, self._folder = config, modules, folder
        self._plan = plan or PLANS[config.backbone]
        self._factory = ModelFactory(config)
        folder.mkdir(parents=True, exist_ok=True)

    def run(self) -> keras.Model:
        """The taught network: the backbone with a head for every modality."""
        weights = self._first()
        stages = self._plan.stages(self._config.pixels)
        for number, stage in enumerate(stages, start=1):
            done = self._folder / f"stage_{number}.weights.h5"
            model = self._pupil(stage)
            if not done.is_file():
                model.set_weights(weights)
                before = sum(earlier.epochs for earlier in stages[: number - 1])
                self._fit(model, stage, number, before)
                save_whole(model, done)
            model.load_weights(done)
            weights = model.get_weights()
        taught = self._with_heads(self._factory.build())
        taught.set_weights(weights)
        return taught

    def _first(self) -> list[Any]:
        network = self._factory.build()
        self._factory.initialise(network)
        weights: list[Any] = self._with_heads(network).get_weights()
        return weights

    def _pupil(self, stage: Stage) -> keras.Model:
        network = self._factory.build(stage.pixels, precision=self._config.precision)
        return with_fused_norms(self._with_heads(network))

    def _with_heads(self, network: keras.Model) -> keras.Model:
        names = [module.config.modality for module in self._modules]
        return with_heads(network, self._factory, names)

    def _fit(self, model: keras.Model, stage: Stage, number: int, before: int) -> None:
        steps = self._plan.steps
        batches = JointBatches([one.training(stage.pixels, steps=steps) for one in self._modules])
        rate = keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20,
            decay_steps=max(1, (stage.epochs - 1) * steps),
            alpha=0.02,
            warmup_target=stage.learning_rate,
            warmup_steps=steps,
        )
        model.compile(
            optimizer=keras.optimizers.AdamW(
                rate, weight_decay=self._config.weight_decay, global_clipnorm=5.0
            ),
            loss=masked_cross_entropy,
            jit_compile=False,
        )
        model.optimizer.build(model.trainable_variables)
        backup = Backup(self._folder / f"backup_{number}")
        model.fit(
            batches,
            epochs=stage.epochs,
            initial_epoch=backup.epochs_done,
            callbacks=[
                StartEpoch(batches, before),
                *self._pruning(stage),
                _Progress(stage, self._modules),
                backup,
            ],
            verbose=0,
        )

    def _pruning(self, stage: Stage) -> list[keras.callbacks.Callback]:
        if not stage.zeros:
            return []
        begin, end = stage.zeros
        return [Pruning(share=self._config.sparsity, begin=begin, end=end)]
