import numpy as np
import pytest

from models.catalogue import BACKBONES, MODALITIES
from pipelines.heads import OTHER
from pipelines.lesson import JOINT_PLANS, OWN_PLANS, JointBatches, Lesson
from tests.pipelines.conftest import Run
from tests.pipelines.schools import modules


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


def test_every_backbone_of_the_catalogue_has_plans() -> None:
    assert set(JOINT_PLANS) == set(OWN_PLANS) == set(BACKBONES)


def test_one_modality_alone_is_taught_for_a_shorter_time(all_prepared: Run) -> None:
    given = modules(all_prepared.work)
    for backbone in BACKBONES:
        joint, own = Lesson(given).plan(backbone), Lesson(given[:1]).plan(backbone)
        assert own.small_epochs + own.epochs < joint.small_epochs + joint.epochs
