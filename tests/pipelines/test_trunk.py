import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models.catalogue import MODALITIES
from pipelines.divergence import Diverged
from pipelines.heads import with_heads
from pipelines.lesson import JointBatches, Lesson
from pipelines.model_factory import ModelFactory, backbone_layers
from pipelines.sparsity import prunable
from pipelines.trunk import TrunkSchool
from pipelines.trunk_plan import TrunkPlan
from tests.pipelines.conftest import Run
from tests.pipelines.schools import modules
from tests.pipelines.small import config
from tests.pipelines.test_model_factory import NumberedFactory

PLAN = TrunkPlan(learning_rate=1e-3, small_epochs=1, epochs=2, steps=2)
ONE = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=1, steps=1)
TWO = TrunkPlan(learning_rate=1e-3, small_epochs=0, epochs=2, steps=5)


class StoppedBatches(JointBatches):
    """Batches after whose first epoch somebody stops the training."""

    def start(self, epoch: int) -> None:
        if epoch == 1:
            raise KeyboardInterrupt
        super().start(epoch)


class StoppedLesson(Lesson):
    """The labels, in such batches."""

    def batches(self, pupil: keras.Model, steps: int) -> JointBatches:
        return StoppedBatches(super().batches(pupil, steps)._parts)


def test_a_trunk_learns_keeps_its_zeros_and_is_not_taught_twice(
    all_prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, given = config(pixels=112, sparsity=0.2), modules(all_prepared.work)
    network = TrunkSchool(chosen, Lesson(given), tmp_path, PLAN).run()
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
    again = TrunkSchool(chosen, Lesson(given), tmp_path, PLAN).run()
    assert {path: path.stat().st_mtime_ns for path in files} == files
    assert capsys.readouterr().out == ""
    for found, expected in zip(again.get_weights(), network.get_weights(), strict=True):
        assert (found == expected).all()


def test_progress_tells_the_steps_and_the_area_on_validation_images(
    all_prepared: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    chosen, given = config(pixels=56), modules(all_prepared.work)
    TrunkSchool(chosen, Lesson(given), tmp_path, ONE).run()
    found = capsys.readouterr()
    assert "  trunk, epoch 1/1: " in found.err
    assert "\n" not in found.err
    told = found.out.splitlines()[-1]
    factory = ModelFactory(chosen)
    pupil = with_heads(factory.build(56), factory, list(MODALITIES))
    pupil.load_weights(tmp_path / "stage_1.weights.h5")
    for column, module in enumerate(given):
        batches = module.evaluation("validation", 56)
        found = [pupil.predict_on_batch(batches[i][0]) for i in range(len(batches))]
        area = roc_auc_score(module.labels("validation"), np.concatenate(found)[:, column])
        assert f"{module.config.modality} {area:.2f}" in told


def test_a_trunk_that_was_stopped_ends_the_same(all_prepared: Run, tmp_path: Path) -> None:
    chosen, given = config(pixels=56, sparsity=0.2), modules(all_prepared.work)
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    with pytest.raises(KeyboardInterrupt):
        TrunkSchool(chosen, StoppedLesson(given), stopped, TWO).run()
    assert [path.name for path in stopped.iterdir()] == ["backup_1"]
    schools = [TrunkSchool(chosen, Lesson(given), one, TWO) for one in (stopped, whole)]
    found, expected = (school.run().get_weights() for school in schools)
    for resumed, straight in zip(found, expected, strict=True):
        np.testing.assert_allclose(resumed, straight, atol=1e-6)


def test_layers_that_keras_numbers_are_taught_like_others(
    all_prepared: Run, tmp_path: Path
) -> None:
    lesson = Lesson(modules(all_prepared.work))
    school = TrunkSchool(config(pixels=56), lesson, tmp_path, ONE, factory=NumberedFactory)
    taught = school.run()
    pupil = school._pupil(PLAN.stages(56)[-1])
    pupil.load_weights(tmp_path / "stage_1.weights.h5")
    for found, expected in zip(taught.get_weights(), pupil.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_trunk_that_diverges_is_refused_and_leaves_nothing(
    all_prepared: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen, given = config(pixels=56), modules(all_prepared.work)
    plan = replace(ONE, learning_rate=1e12, epochs=2, steps=3)
    told = r"received loss \w+ in epoch [12] of 2 \(trunk\)\. Lower the rate .*--restart"
    with pytest.raises(Diverged, match=told):
        TrunkSchool(chosen, Lesson(given), tmp_path, plan).run()
    assert not list(tmp_path.glob("stage_*"))
    assert "nan" not in capsys.readouterr().out
