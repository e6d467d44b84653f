from pathlib import Path

import keras
import numpy as np
import pytest

from pipelines.data_module import DataModule
from pipelines.errors import InitUnavailable
from pipelines.teacher import Lessons, open_teacher, write_lessons
from tests.pipelines.conftest import Run


def small_teacher() -> keras.Model:
    """Tells the mean colour of each quarter of an image, and one thing that never changes."""
    image = keras.Input((224, 224, 3))
    quarters = keras.layers.Flatten()(keras.layers.AveragePooling2D(112)(image))
    same = keras.layers.Rescaling(0.0, 1.0)(keras.layers.GlobalAveragePooling2D()(image))
    return keras.Model(image, keras.layers.Concatenate()([quarters, same]))


def lessons(run: Run, *, count: int = 8, pixels: int = 56) -> Lessons:
    module = DataModule(run.config.changed(balance="batches"), run.work)
    return write_lessons([module, module], small_teacher(), count=count, pixels=pixels)


def test_lessons_are_images_with_their_labels_and_what_the_teacher_sees(prepared: Run) -> None:
    found = lessons(prepared)
    assert found.images.shape == (16, 56, 56, 3)
    assert found.images.dtype == np.uint8
    assert found.modality.tolist() == [0] * 8 + [1] * 8
    assert found.labels.mean() == 0.5
    assert found.features.shape == (16, 15)
    for one in (0, 1):
        features = found.features[found.modality == one].astype(np.float32)
        assert features.mean(axis=0) == pytest.approx(np.zeros(15), abs=2e-3)
        assert features[:, :12].std(axis=0) == pytest.approx(np.ones(12), abs=0.1)
        assert np.abs(features[:, 12:]).max() < 1e-3  # what never changes is not blown up


def test_features_belong_to_their_images(prepared: Run) -> None:
    found = lessons(prepared, count=16)
    first = found.modality == 0
    corner = found.images[first, :28, :28, 0].mean(axis=(1, 2))
    told = found.features[first, 0].astype(np.float32)
    assert np.corrcoef(corner, told)[0, 1] > 0.99


def test_only_training_images_give_lessons(prepared: Run) -> None:
    module = DataModule(prepared.config, prepared.work)
    training = {path.path for path in module.prepared("train")}
    drawn = {item.path for item in module.training(224, steps=50)._images}
    assert drawn == training
    assert not drawn & {
        item.path for part in ("validation", "test") for item in module.prepared(part)
    }


def test_lessons_come_back_from_their_file(prepared: Run, tmp_path: Path) -> None:
    before = lessons(prepared)
    before.save(tmp_path / "lessons.npz")
    after = Lessons.load(tmp_path / "lessons.npz")
    for name in Lessons.__slots__:
        assert (getattr(after, name) == getattr(before, name)).all()
    assert [path.name for path in tmp_path.iterdir()] == ["lessons.npz"]


def test_a_teacher_is_read_from_a_weights_file(tmp_path: Path) -> None:
    source = keras.applications.MobileNetV2(include_top=False, weights=None)
    source.save_weights(tmp_path / "teacher.weights.h5")
    teacher = open_teacher(str(tmp_path / "teacher.weights.h5"))
    assert teacher.output_shape == (None, 1280)
    pairs = zip(source.get_weights(), teacher.get_weights(), strict=True)
    assert all((theirs == ours).all() for theirs, ours in pairs)


def test_a_file_that_is_no_teacher_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "teacher.weights.h5"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(InitUnavailable, match=r"MobileNetV2.*teacher\.weights\.h5.*--teacher FILE"):
        open_teacher(str(path))
