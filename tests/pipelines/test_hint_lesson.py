from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.catalogue import BACKBONES, MODALITIES
from pipelines.heads import LABELS, OTHER
from pipelines.hint_lesson import (
    BATCH,
    FINE_LAYER,
    PLANS,
    STRENGTH,
    HintBatches,
    HintLesson,
    averaged,
    standardised,
    verdicts,
)
from pipelines.model_factory import ModelFactory, backbone_layers
from pipelines.trunk import TrunkSchool
from pipelines.trunk_plan import TrunkPlan
from pipelines.views import ViewPlan, Views
from tests.pipelines.conftest import Run
from tests.pipelines.schools import modules
from tests.pipelines.small import config

FEW = ViewPlan(parts=1, batch=8, share={}, usual_share=8)


@pytest.fixture(scope="module")
def lesson(all_prepared: Run, tmp_path_factory: pytest.TempPathFactory) -> HintLesson:
    given = modules(all_prepared.work)
    return HintLesson(given, Views(given, tmp_path_factory.mktemp("views"), FEW))


@pytest.mark.parametrize(("before", "after"), [(14, 7), (14, 3), (7, 3), (7, 7), (14, 1)])
def test_fields_are_averaged_over_areas(before: int, after: int) -> None:
    fields = np.random.default_rng(1).normal(size=(2, before, before, 3)).astype(np.float16)
    found = averaged(fields, after)
    for field, own in zip(fields, found, strict=True):
        size = (after, after)
        expected = cv2.resize(field.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        np.testing.assert_allclose(own, expected.reshape(own.shape), atol=2e-3)


def test_hints_are_standardised_for_each_modality() -> None:
    random = np.random.default_rng(2)
    values = random.normal(3.0, 2.0, size=(40, 3, 3, 5)).astype(np.float16)
    column = np.repeat([0, 1], 20)
    found = standardised(values, column)
    for number in (0, 1):
        own = values[column == number].reshape(-1, 5).astype(np.float32)
        expected = StandardScaler().fit_transform(own)
        np.testing.assert_allclose(found[column == number].reshape(-1, 5), expected, atol=5e-3)


def test_a_channel_without_spread_stays_finite() -> None:
    found = standardised(np.ones((4, 2, 2, 1), np.float16), np.zeros(4, int))
    assert (found == 0.0).all()


def test_a_verdict_comes_from_a_probe_that_does_not_know_the_group() -> None:
    random = np.random.default_rng(3)
    labels = np.tile([0.0, 1.0], 30)
    pooled = (random.normal(size=(60, 6)) + labels[:, None]).astype(np.float16)
    groups = np.array([f"g{number // 2}" for number in range(60)])
    found = verdicts(pooled, labels, groups)
    assert ((found > 0.0) & (found < 1.0)).all()
    own = groups == "g7"
    changed = labels.copy()
    changed[own] = 1.0 - changed[own]
    assert verdicts(pooled, changed, groups)[own] == pytest.approx(found[own], abs=1e-6)
    scaler = StandardScaler().fit(pooled.astype(np.float32))
    probe = LogisticRegression(C=STRENGTH, max_iter=500).fit(scaler.transform(pooled), labels)
    whole = probe.predict_proba(scaler.transform(pooled))[:, 1]
    assert np.corrcoef(whole, found)[0, 1] > 0.9


def test_every_backbone_of_the_catalogue_has_a_plan_and_a_finer_layer() -> None:
    assert set(PLANS) == set(FINE_LAYER) == set(BACKBONES)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_a_pupil_tells_hints_of_every_place(backbone: str, lesson: HintLesson) -> None:
    factory = ModelFactory(config(backbone=backbone, pixels=112))
    told = lesson.pupil(factory.build(112), factory).output
    assert set(told) == {LABELS, "fine", "coarse", "pooled"} == set(lesson.losses)
    assert told[LABELS].shape == (None, len(MODALITIES))
    assert told["fine"].shape[-1] == 96
    assert told["fine"].shape[1] >= 7
    assert told["coarse"].shape[1:] in ((3, 3, 320), (4, 4, 320))
    assert told["pooled"].shape == (None, 1280)


def test_batches_hold_views_and_all_that_is_told_of_them(lesson: HintLesson) -> None:
    factory = ModelFactory(config())
    pupil = lesson.pupil(factory.build(56), factory)
    batches = lesson.batches(pupil, 2)
    assert len(batches) == 2
    images, told = batches[0]
    assert images.shape == (BATCH, 56, 56, 3)
    assert images.dtype == np.float32
    for name, values in pupil.output.items():
        assert told[name].shape == (BATCH, *values.shape[1:])
    assert (np.sum(told[LABELS] != OTHER, axis=1) == 1).all()
    known = told[LABELS][told[LABELS] != OTHER]
    assert ((known > 0.0) & (known < 1.0)).all()


def test_every_epoch_deals_anew_and_again_alike() -> None:
    images = np.arange(200, dtype=np.uint8)[:, None, None, None]
    batches = HintBatches(images, {"pooled": images[:, 0, 0]}, steps=3, seed=1)
    first = batches[0][0]
    batches.start(1)
    assert (batches[0][0] != first).any()
    batches.start(0)
    assert (batches[0][0] == first).all()
    shown, told = batches[1]
    assert (shown[:, 0, 0] == told["pooled"]).all()
    every = np.concatenate([batches[number][0].ravel() for number in range(3)])
    assert len(set(every)) == 3 * BATCH


def test_a_trunk_of_hints_is_a_backbone_with_the_heads(
    all_prepared: Run, lesson: HintLesson, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, given = config(), modules(all_prepared.work)
    plan = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=2, steps=1)
    network = TrunkSchool(chosen, given, tmp_path, lesson, plan).run()
    assert network.output_shape == (None, len(MODALITIES))
    start = ModelFactory(chosen).build()
    ModelFactory(chosen).initialise(start)
    for layer in backbone_layers(start):
        taught = network.get_layer(layer.name).get_weights()[0]
        assert (taught != layer.get_weights()[0]).any()
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0].strip() for line in told] == [
        "trunk, epoch 1/2",
        "trunk, epoch 2/2",
    ]
    again = TrunkSchool(chosen, given, tmp_path, lesson, plan).run()
    for found, expected in zip(again.get_weights(), network.get_weights(), strict=True):
        assert (found == expected).all()
