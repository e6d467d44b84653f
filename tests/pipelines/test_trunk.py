from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss

from pipelines.model_factory import ModelFactory, backbone_layers
from pipelines.sparsity import prunable
from pipelines.teacher import Lessons
from pipelines.trunk import (
    PLANS,
    LessonBatches,
    TrunkPlan,
    TrunkSchool,
    masked_cross_entropy,
    with_lessons_heads,
)
from tests.pipelines.small import config

PLAN = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=2, steps=2, batch_size=12, sparsity=0.2)


def lessons(pixels: int = 56, features: int = 5) -> Lessons:
    """Twenty lessons of each of three modalities; a pixel tells which lesson it is."""
    random = np.random.default_rng(3)
    images = random.integers(0, 256, (60, pixels, pixels, 3), dtype=np.uint8)
    images[:, 0] = np.arange(60)[:, None, None]
    return Lessons(
        images=images,
        features=random.normal(size=(60, features)).astype(np.float16),
        labels=np.tile([0, 1], 30).astype(np.uint8),
        modality=np.repeat([0, 1, 2], 20).astype(np.uint8),
    )


def test_batches_hold_every_modality_and_label_alike() -> None:
    given = lessons()
    batches = LessonBatches(given, plan=PLAN, pixels=56, seed=4)
    assert len(batches) == 2
    images, targets = batches[0]
    assert images.shape == (12, 56, 56, 3)
    assert [(targets["labels"][:, one] >= 0).sum() for one in range(3)] == [4, 4, 4]
    assert [(targets["labels"][:, one] == 1).sum() for one in range(3)] == [2, 2, 2]
    for image, features, told in zip(images, targets["features"], targets["labels"], strict=True):
        number = int(image[0, 0, 0])
        assert features == pytest.approx(given.features[number])
        assert told[given.modality[number]] == given.labels[number]


def test_batches_depend_on_seed_epoch_and_place_alone() -> None:
    def batch(seed: int = 4, epoch: int = 0, index: int = 0) -> np.ndarray:
        batches = LessonBatches(lessons(), plan=PLAN, pixels=56, seed=seed)
        batches.start(epoch)
        return np.asarray(batches[index][0])

    assert (batch() == batch()).all()
    for other in ({"seed": 5}, {"epoch": 1}, {"index": 1}):
        assert (batch() != batch(**other)).any()


def test_batches_shrink_images_where_asked() -> None:
    images, _ = LessonBatches(lessons(), plan=PLAN, pixels=28, seed=4)[0]
    assert images.shape == (12, 28, 28, 3)


def test_only_labels_of_the_own_modality_count() -> None:
    logits = np.array([[2.0, 50.0], [-30.0, -1.0]], np.float32)
    truth = np.array([[1.0, -1.0], [-1.0, 1.0]], np.float32)
    found = keras.ops.convert_to_numpy(masked_cross_entropy(truth, logits))
    for value, logit in zip(found, (2.0, -1.0), strict=True):
        p = 1 / (1 + np.exp(-logit))
        both = [log_loss([label], [p], labels=[0, 1]) for label in (1, 0)]
        assert value == pytest.approx(0.95 * both[0] + 0.05 * both[1], rel=1e-5)


def test_heads_stand_on_the_pooled_features() -> None:
    network = ModelFactory(config()).build(56)
    outputs = with_lessons_heads(network, 5, 3).output
    shapes = {name: output.shape for name, output in outputs.items()}
    assert shapes == {"features": (None, 5), "labels": (None, 3)}


def test_every_backbone_of_the_catalogue_has_a_plan() -> None:
    from models.catalogue import BACKBONES

    assert set(PLANS) == set(BACKBONES)


def test_a_plan_ends_with_its_zeros_in_place() -> None:
    for plan in PLANS.values():
        *small, last = plan.stages(112)
        assert [stage.pixels for stage in small] == ([56] if plan.small_epochs else [])
        assert last.zeros is not None
        assert last.zeros[0] < last.zeros[1] < last.epochs == plan.epochs


def test_a_trunk_learns_keeps_its_zeros_and_is_not_taught_twice(tmp_path: Path) -> None:
    chosen = config(pixels=112)
    plan = replace(PLAN, small_epochs=1)
    network = TrunkSchool(chosen, lessons(112), tmp_path, plan).run()
    start = ModelFactory(chosen).build()
    ModelFactory(chosen).initialise(start)
    for layer in backbone_layers(network):
        assert (layer.get_weights()[0] != start.get_layer(layer.name).get_weights()[0]).any()
    own = [kernel for kernel in prunable(network) if "block" in kernel.path]
    zeros = [float(np.mean(keras.ops.convert_to_numpy(kernel) == 0)) for kernel in own]
    assert zeros == pytest.approx([0.2] * len(own), abs=0.01)

    files = {path: path.stat().st_mtime_ns for path in tmp_path.glob("stage_*")}
    assert len(files) == 2
    again = TrunkSchool(chosen, lessons(112), tmp_path, plan).run()
    assert {path: path.stat().st_mtime_ns for path in files} == files
    for layer in backbone_layers(again):
        assert (layer.get_weights()[0] == network.get_layer(layer.name).get_weights()[0]).all()
