"""Hint lesson: a trunk learns to tell what a teacher sees, place by place, and its verdicts.

Labels alone are few and soon known by heart; a teacher has something else to tell of every view.
Sources: Romero et al., "FitNets: Hints for thin deep nets", 2015; Hinton et al., "Distilling the
knowledge in a neural network", 2015.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import cv2
import keras
import numpy as np
from keras import layers
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipelines.batches import repeat_to
from pipelines.data_module import DataModule
from pipelines.heads import LABELS, OTHER, masked_cross_entropy, with_heads
from pipelines.model_factory import ModelFactory
from pipelines.trunk_plan import TrunkPlan
from pipelines.views import PIXELS, Views

PLANS: Mapping[str, TrunkPlan] = MappingProxyType(
    {
        "resnet": TrunkPlan(learning_rate=1e-3, small_epochs=20, epochs=6, steps=64),
        "vgg": TrunkPlan(learning_rate=2e-4, small_epochs=20, epochs=6, steps=64),
        "densenet": TrunkPlan(learning_rate=1e-3, small_epochs=20, epochs=6, steps=64),
    }
)
BATCH = 64
FINE_LAYER: Mapping[str, str] = MappingProxyType(
    {"resnet": "conv4_block6_out", "vgg": "block4_conv3", "densenet": "pool4_relu"}
)
"""Where a backbone's features are about as fine as the teacher's finer ones."""
FOLDS = 5
STRENGTH = 1e-3  # of the probe's labels against its penalty


class HintBatches(keras.utils.PyDataset):
    """Views and what is to be told of them.

    Items are (batch, pixels, pixels, 3) float32 RGB in 0..255, and the targets by name.
    """

    def __init__(
        self, images: np.ndarray, targets: Mapping[str, np.ndarray], *, steps: int, seed: int
    ) -> None:
        """Show ``steps`` batches an epoch of (n, pixels, pixels, 3) uint8 images."""
        super().__init__()
        self._images, self._targets = images, targets
        self._steps, self._seed = steps, seed
        self.start(epoch=0)

    def __len__(self) -> int:
        return self._steps

    def start(self, epoch: int) -> None:
        """Deal out the views of an epoch."""
        random = np.random.default_rng((self._seed, epoch))
        order = random.permutation(len(self._images))
        self._order = repeat_to(order, self._steps * BATCH, random)

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        chosen = self._order[index * BATCH : (index + 1) * BATCH]
        told = {name: values[chosen].astype(np.float32) for name, values in self._targets.items()}
        return self._images[chosen].astype(np.float32), told


class HintLesson:
    """Views of the training images, and what MobileNetV2 sees in them.

    Its verdicts are those of a linear probe on its features, asked about groups that the probe was
    not fitted on: what a network may know of images that it never saw.
    """

    def __init__(self, modules: Sequence[DataModule], views: Views) -> None:
        """Show views of one data set of every modality."""
        self._modules, self._views = modules, views

    @property
    def losses(self) -> Any:
        """What the answers cost, by name."""
        return {LABELS: masked_cross_entropy, "fine": "mse", "coarse": "mse", "pooled": "mse"}

    def plan(self, backbone: str) -> TrunkPlan:
        """How long a backbone learns."""
        return PLANS[backbone]

    def settings(self) -> object:
        """All that decides what is shown."""
        return self._views.settings()

    def pupil(self, network: keras.Model, factory: ModelFactory) -> keras.Model:
        """The backbone with a head for every modality, and with what tells the hints."""
        labelled = with_heads(network, factory, [one.config.modality for one in self._modules])
        fine = network.get_layer(FINE_LAYER[factory.backbone.key]).output
        pool = network.get_layer("pool")
        told = {
            LABELS: labelled.output,
            "fine": _hint(fine, 96, "fine"),
            "coarse": _hint(pool.input, 320, "coarse"),
            "pooled": layers.Dense(1280, dtype="float32", name="pooled")(pool.output),
        }
        return keras.Model(network.input, told)

    def batches(self, pupil: keras.Model, steps: int) -> HintBatches:
        """Views in the size that the pupil takes, hints as fine as what it tells."""
        self._views.draw()
        pixels, told = pupil.input_shape[1], pupil.output
        rows = [
            {
                "images": _shrunk(part.images, pixels),
                "fine": averaged(part.fine, told["fine"].shape[1]),
                "coarse": averaged(part.coarse, told["coarse"].shape[1]),
                "pooled": part.pooled,
                "column": part.column,
                "labels": part.labels,
                "groups": part.groups,
            }
            for part in self._views
        ]
        all_of = {name: np.concatenate([row.pop(name) for row in rows]) for name in tuple(rows[0])}
        column, pooled = all_of["column"], all_of["pooled"]
        truth = self._verdicts(pooled, column, all_of["labels"], all_of["groups"])
        hints = {name: standardised(all_of[name], column) for name in ("fine", "coarse", "pooled")}
        seed = self._modules[0].config.seed
        return HintBatches(all_of["images"], {LABELS: truth, **hints}, steps=steps, seed=seed)

    def _verdicts(
        self, pooled: np.ndarray, column: np.ndarray, labels: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """(n, modalities): the probe's probability of each view, ``OTHER`` elsewhere."""
        truth = np.full((len(column), len(self._modules)), OTHER, np.float32)
        for number in range(len(self._modules)):
            own = column == number
            truth[own, number] = verdicts(pooled[own], labels[own], groups[own])
        return truth


def _hint(features: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    """What tells a hint from features: a norm and a linear map, the same at every place."""
    normed = layers.BatchNormalization(name=f"{name}_norm")(features)
    return layers.Conv2D(channels, 1, dtype="float32", name=name)(normed)


def verdicts(pooled: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(n,) probabilities of a linear probe, each from one that was fitted without the group.

    Args:
        pooled: (n, features).
        labels: (n,) 0 or 1.
        groups: (n,) names.
    """
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=500))
    folds = GroupKFold(min(FOLDS, len(set(groups))))
    found = cross_val_predict(
        probe, pooled.astype(np.float32), labels, groups=groups, cv=folds, method="predict_proba"
    )
    return np.asarray(found[:, 1], dtype=np.float32)


def standardised(values: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The same with mean 0 and deviation 1 in every channel, for each modality by itself.

    Args:
        values: (n, ..., channels) float16.
        column: (n,) the modality of each.
    """
    found = np.empty_like(values)
    for number in np.unique(column):
        own = column == number
        part = values[own].astype(np.float32)
        places = tuple(range(part.ndim - 1))
        spread = part.std(axis=places) + 1e-3
        found[own] = (part - part.mean(axis=places)) / spread
    return found


def averaged(fields: np.ndarray, side: int) -> np.ndarray:
    """(n, s, s, channels) -> (n, side, side, channels), means over areas, whichever the sizes."""
    means = averaging(fields.shape[1], side)
    rows = np.einsum("ai,nijc->najc", means, fields.astype(np.float32), optimize=True)
    found = np.einsum("bj,najc->nabc", means, rows, optimize=True)
    return np.asarray(found, dtype=np.float16)


def averaging(before: int, after: int) -> np.ndarray:
    """(after, before) weights that take means of a row, parts of a place counting as such."""
    edges = np.linspace(0, before, after + 1)
    places = np.arange(before)
    upper = np.minimum(edges[1:, None], places + 1)
    lower = np.maximum(edges[:-1, None], places)
    share = np.clip(upper - lower, 0.0, None)
    return np.asarray(share / share.sum(axis=1, keepdims=True), dtype=np.float32)


def _shrunk(images: np.ndarray, pixels: int) -> np.ndarray:
    if pixels == PIXELS:
        return images
    side = (pixels, pixels)
    return np.stack([cv2.resize(image, side, interpolation=cv2.INTER_AREA) for image in images])
