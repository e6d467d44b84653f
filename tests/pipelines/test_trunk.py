from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from models.catalogue import BACKBONES, MODALITIES
from pipelines.model_factory import HEAD, ModelFactory, backbone_layers, head_name
from pipelines.sparsity import prunable
from pipelines.trunk import (
    OTHER,
    PLANS,
    JointBatches,
    TrunkPlan,
    TrunkSchool,
    masked_cross_entropy,
    with_heads,
)
from tests.pipelines.conftest import Run
from tests.pipelines.schools import modules
from tests.pipelines.small import config

PLAN = TrunkPlan(learning_rate=1e-3, small_epochs=1, epochs=2, steps=2)
ONE = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=1, steps=1)


@pytest.fixture(scope="module")
def joint(all_prepared: Run) -> JointBatches:
    return JointBatches([one.training(56, steps=2) for one in modules(all_prepared.work)])


def test_batches_hold_every_modality_and_label_alike(joint: JointBatches) -> None:
    images, truth = joint[0]
    assert len(joint) == 2
    assert images.shape == (6, 56, 56, 3)
    for column in range(len(MODALITIES)):
        assert sorted(truth[:, column]) == [OTHER, OTHER, OTHER, OTHER, 0.0, 1.0]
    assert (np.sum(truth != OTHER, axis=1) == 1).all()


def test_images_and_labels_are_those_of_each_modality(
    all_prepared: Run, joint: JointBatches
) -> None:
    images, truth = joint[1]
    for column, module in enumerate(modules(all_prepared.work)):
        own = truth[:, column] != OTHER
        expected, labels = module.training(56, steps=2)[1]
        assert (images[own] == expected).all()
        assert (truth[own, column] == labels[:, 0]).all()


def test_every_epoch_deals_anew(all_prepared: Run) -> None:
    batches = JointBatches([one.training(56, steps=2) for one in modules(all_prepared.work)])
    first = batches[0][0]
    batches.start(1)
    assert (batches[0][0] != first).any()
    batches.start(0)
    assert (batches[0][0] == first).all()


def test_only_labels_of_the_own_modality_count() -> None:
    given = np.array([[0.9, 0.5], [0.01, 0.3]], np.float32)
    truth = np.array([[1.0, OTHER], [OTHER, 1.0]], np.float32)
    found = keras.ops.convert_to_numpy(masked_cross_entropy(truth, given))
    for value, p in zip(found, (0.9, 0.3), strict=True):
        both = [log_loss([label], [p], labels=[0, 1]) for label in (1, 0)]
        assert value == pytest.approx(0.95 * both[0] + 0.05 * both[1], rel=1e-5)


def test_every_modality_has_the_head_of_the_study() -> None:
    factory = ModelFactory(config())
    network = factory.build(56)
    joint = with_heads(network, factory, list(MODALITIES))
    assert joint.output.shape == (None, len(MODALITIES))
    image = np.full((1, 56, 56, 3), 90.0, np.float32)
    for column, modality in enumerate(MODALITIES):
        for name in HEAD:
            taught = joint.get_layer(head_name(name, modality))
            network.get_layer(name).set_weights(taught.get_weights())
        assert np.allclose(joint(image)[:, column], network(image)[:, 0], atol=1e-6)


def test_every_backbone_of_the_catalogue_has_a_plan() -> None:
    assert set(PLANS) == set(BACKBONES)


def test_a_plan_leaves_time_to_learn_with_its_zeros() -> None:
    for plan in PLANS.values():
        *small, last = plan.stages(112)
        assert [stage.pixels for stage in small] == ([56] if plan.small_epochs else [])
        assert last.zeros is not None
        assert last.zeros[0] == last.zeros[1] <= last.epochs // 2
        assert last.epochs == plan.epochs


def test_a_trunk_learns_keeps_its_zeros_and_is_not_taught_twice(
    all_prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, given = config(pixels=112, sparsity=0.2), modules(all_prepared.work)
    network = TrunkSchool(chosen, given, tmp_path, PLAN).run()
    start = ModelFactory(chosen).build()
    ModelFactory(chosen).initialise(start)
    for layer in backbone_layers(start):
        taught = network.get_layer(layer.name).get_weights()[0]
        assert (taught != layer.get_weights()[0]).any()
    own = [kernel for kernel in prunable(network) if "block" in kernel.path]
    zeros = [float(np.mean(keras.ops.convert_to_numpy(kernel) == 0)) for kernel in own]
    assert zeros == pytest.approx([0.2] * len(own), abs=0.01)

    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0].strip() for line in told] == [
        "small images, epoch 1/1",
        "trunk, epoch 1/2",
        "trunk, epoch 2/2",
    ]
    files = {path: path.stat().st_mtime_ns for path in tmp_path.glob("stage_*")}
    assert len(files) == 2
    again = TrunkSchool(chosen, given, tmp_path, PLAN).run()
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert capsys.readouterr().out == ""
    for found, expected in zip(again.get_weights(), network.get_weights(), strict=True):
        assert (found == expected).all()


def test_progress_tells_the_area_on_validation_images(
    all_prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, given = config(pixels=56), modules(all_prepared.work)
    TrunkSchool(chosen, given, tmp_path, ONE).run()
    told = capsys.readouterr().out.splitlines()[-1]
    factory = ModelFactory(chosen)
    pupil = with_heads(factory.build(56), factory, list(MODALITIES))
    pupil.load_weights(tmp_path / "stage_1.weights.h5")
    for column, module in enumerate(given):
        batches = module.evaluation("validation", 56)
        found = [pupil.predict_on_batch(batches[i][0]) for i in range(len(batches))]
        area = roc_auc_score(module.labels("validation"), np.concatenate(found)[:, column])
        assert f"{module.config.modality} {area:.2f}" in told
