from pathlib import Path

import keras
import numpy as np
import pytest

from models.catalogue import MODALITIES
from pipelines.errors import InitUnavailable
from pipelines.phantoms import phantom
from pipelines.teacher import WEIGHTS, Teacher


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    step = MODALITIES["ultrasound"].prepare
    return np.stack([step(phantom("ultrasound", label=seed % 2, seed=seed)) for seed in range(2)])


def test_it_sees_what_the_published_network_sees(images: np.ndarray) -> None:
    network = keras.applications.MobileNetV2(
        include_top=False, weights=str(WEIGHTS), input_shape=(224, 224, 3)
    )
    scaled = keras.applications.mobilenet_v2.preprocess_input(images.copy())
    expected = network.predict_on_batch(scaled).mean(axis=(1, 2))
    seen = Teacher().see(images.copy())
    np.testing.assert_allclose(seen.pooled, expected, atol=2e-3, rtol=2e-3)
    assert seen.fine.shape == (2, 14, 14, 96)
    assert seen.coarse.shape == (2, 7, 7, 320)
    assert {array.dtype for array in (seen.fine, seen.coarse, seen.pooled)} == {
        np.dtype(np.float16)
    }


def test_its_last_features_follow_from_the_coarse_ones(images: np.ndarray) -> None:
    teacher = keras.applications.MobileNetV2(
        include_top=False, weights=str(WEIGHTS), input_shape=(224, 224, 3)
    )
    seen = Teacher().see(images.copy())
    kernel, norm = teacher.get_layer("Conv_1"), teacher.get_layer("Conv_1_bn")
    found = norm(kernel(seen.coarse.astype(np.float32)))
    pooled = np.clip(keras.ops.convert_to_numpy(found), 0.0, 6.0).mean(axis=(1, 2))
    np.testing.assert_allclose(seen.pooled, pooled, atol=0.02)


def test_weights_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InitUnavailable, match=r"MobileNetV2's weights in none\.h5"):
        Teacher(tmp_path / "none.h5")
