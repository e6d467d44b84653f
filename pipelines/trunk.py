"""A trunk: one backbone taught on the training images of all modalities at once.

It stands in for ImageNet weights where Keras has none to give: ``train --init FILE`` starts from
it. Its pooled features learn two things together: to tell the labels of every modality, and to
say what MobileNetV2, which has seen ImageNet, sees in the same image.
Source of the second: Romero et al., "FitNets: hints for thin deep nets", 2015.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import keras
import numpy as np
from keras import layers, ops

from pipelines.config import Config
from pipelines.model_factory import ModelFactory
from pipelines.sparsity import Pruning
from pipelines.stages import Stage
from pipelines.teacher import Lessons
from pipelines.trainer import Backup, StartEpoch, save_whole

LABEL_WEIGHT = 0.5  # of the labels' loss beside the features'


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkPlan:
    """How long a backbone goes to this school."""

    learning_rate: float
    small_epochs: int  # on images halved to 56 pixels, before the others
    epochs: int
    steps: int = 28
    batch_size: int = 48
    sparsity: float = 0.85

    def stages(self, pixels: int) -> tuple[Stage, ...]:
        """The stages, every layer learning in each; zeros come in the second half of the last."""
        small = Stage(
            name="small images",
            epochs=self.small_epochs,
            learns="all",
            learning_rate=self.learning_rate,
            pixels=pixels // 2,
        )
        main = Stage(
            name="trunk",
            epochs=self.epochs,
            learns="all",
            learning_rate=self.learning_rate,
            pixels=pixels,
            zeros=(round(0.4 * self.epochs), min(self.epochs - 1, round(0.75 * self.epochs))),
        )
        return (small, main) if self.small_epochs else (main,)


PLANS: Mapping[str, TrunkPlan] = MappingProxyType(
    {
        "resnet": TrunkPlan(learning_rate=5e-4, small_epochs=0, epochs=20),
        "vgg": TrunkPlan(learning_rate=2e-4, small_epochs=16, epochs=3, sparsity=0.6),
        "densenet": TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=20),
    }
)


class LessonBatches(keras.utils.PyDataset):
    """Lessons in batches with as many images of every modality and label, half of them mirrored."""

    def __init__(self, lessons: Lessons, *, plan: "TrunkPlan", pixels: int, seed: int) -> None:
        super().__init__()
        self._pixels = pixels
        self._lessons, self._batch_size, self._steps = lessons, plan.batch_size, plan.steps
        self._seed = seed
        self._modalities = int(lessons.modality.max()) + 1
        self.start(0)

    def start(self, epoch: int) -> None:
        """Deal out an epoch: every modality is gone through evenly, over all epochs."""
        self._epoch = epoch

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        random = np.random.default_rng((self._seed, self._epoch, index))
        share = self._batch_size // (2 * self._modalities)
        cells = self._lessons.modality.astype(int) * 2 + self._lessons.labels
        chosen = np.concatenate(
            [
                random.choice(np.flatnonzero(cells == cell), share)
                for cell in range(2 * self._modalities)
            ]
        )
        images = _resized(self._lessons.images[chosen], self._pixels).astype(np.float32)
        mirrored = random.random(len(chosen)) < 0.5
        images[mirrored] = images[mirrored, :, ::-1]
        truth = np.full((len(chosen), self._modalities), -1.0, np.float32)
        truth[np.arange(len(chosen)), self._lessons.modality[chosen]] = self._lessons.labels[chosen]
        features = self._lessons.features[chosen].astype(np.float32)
        return images, {"features": features, "labels": truth}


def masked_cross_entropy(truth: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Binary cross-entropy over the entries whose truth is 0 or 1; -1 marks another modality."""
    known = ops.cast(ops.greater_equal(truth, 0.0), logits.dtype)
    soft = ops.clip(truth, 0.05, 0.95)
    loss = ops.softplus(logits) - soft * logits
    return ops.sum(loss * known, axis=-1)


def with_lessons_heads(model: keras.Model, features: int, modalities: int) -> keras.Model:
    """The network's backbone with a linear head for the teacher's features, one for the labels."""
    pooled = model.get_layer("pool").output
    seen = layers.Dense(features, dtype="float32", name="features")(pooled)
    dropped = layers.Dropout(0.5, seed=0)(pooled)
    told = layers.Dense(modalities, dtype="float32", name="labels")(dropped)
    return keras.Model(model.input, {"features": seen, "labels": told})


def _resized(images: np.ndarray, pixels: int) -> np.ndarray:
    if images.shape[1] == pixels:
        return images
    side = (pixels, pixels)
    return np.stack([cv2.resize(image, side, interpolation=cv2.INTER_AREA) for image in images])


class _Progress(keras.callbacks.Callback):
    """A line per epoch for the reader."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        found = logs or {}
        print(
            f"  {self._stage.name}, epoch {epoch + 1}/{self._stage.epochs}: "
            f"features {found['features_loss']:.3f}, labels {found['labels_loss']:.3f} "
            f"({time.monotonic() - self._began:.0f} s)",
            flush=True,
        )


class TrunkSchool:
    """Teaches one backbone; run again after a kill it goes on where it was."""

    def __init__(
        self, config: Config, lessons: Lessons, folder: Path, plan: TrunkPlan | None = None
    ) -> None:
        """Work in ``folder``, which belongs to this backbone alone; its own plan is the default."""
        self._config, self._lessons, self._folder = config, lessons, folder
        self._plan = plan or PLANS[config.backbone]
        self._factory = ModelFactory(config)
        folder.mkdir(parents=True, exist_ok=True)

    def run(self) -> keras.Model:
        """The network with the taught backbone and a new head."""
        network = self._factory.build()
        self._factory.initialise(network)
        weights: list[Any] | None = None
        for number, stage in enumerate(self._plan.stages(self._config.pixels), start=1):
            done = self._folder / f"stage_{number}.weights.h5"
            model = self._pupil(stage)
            if not done.is_file():
                self._fit(model, stage, number, weights, network)
                save_whole(model, done)
            model.load_weights(done)
            weights = model.get_weights()
        backbone = network.get_layer("pool")
        for layer in network.layers[: network.layers.index(backbone)]:
            if layer.weights:
                layer.set_weights(model.get_layer(layer.name).get_weights())
        return network

    def _pupil(self, stage: Stage) -> keras.Model:
        precision = self._config.precision
        network = self._factory.build(stage.pixels, precision=precision)
        heads = int(self._lessons.modality.max()) + 1
        return with_lessons_heads(network, self._lessons.features.shape[1], heads)

    def _fit(
        self,
        model: keras.Model,
        stage: Stage,
        number: int,
        weights: list[Any] | None,
        network: keras.Model,
    ) -> None:
        if weights is None:
            for layer in network.layers[: network.layers.index(network.get_layer("pool"))]:
                if layer.weights:
                    model.get_layer(layer.name).set_weights(layer.get_weights())
        else:
            model.set_weights(weights)
        plan = self._plan
        batches = LessonBatches(
            self._lessons, plan=plan, pixels=stage.pixels, seed=self._config.seed
        )
        steps = stage.epochs * plan.steps
        rate = keras.optimizers.schedules.CosineDecay(
            stage.learning_rate / 20,
            decay_steps=max(1, steps - plan.steps),
            alpha=0.05,
            warmup_target=stage.learning_rate,
            warmup_steps=plan.steps,
        )
        model.compile(
            optimizer=keras.optimizers.AdamW(rate, weight_decay=1e-4, global_clipnorm=5.0),
            loss={"features": "mse", "labels": masked_cross_entropy},
            loss_weights={"features": 1.0, "labels": LABEL_WEIGHT},
            jit_compile=False,
        )
        model.optimizer.build(model.trainable_variables)
        backup = Backup(self._folder / f"backup_{number}")
        model.fit(
            batches,
            epochs=stage.epochs,
            initial_epoch=backup.epochs_done,
            callbacks=[StartEpoch(batches), *self._pruning(stage), _Progress(stage), backup],
            verbose=0,
        )

    def _pruning(self, stage: Stage) -> list[keras.callbacks.Callback]:
        if not stage.zeros:
            return []
        begin, end = stage.zeros
        return [Pruning(share=self._plan.sparsity, begin=begin, end=end)]
