import keras
import numpy as np
import pytest

from pipelines.fused_norms import FusedBatchNormalization, with_fused_norms
from pipelines.model_factory import ModelFactory, batch_norms
from tests.pipelines.small import config

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="norms are fused on TensorFlow alone"
)


def norm(trainable: bool = True) -> keras.Model:
    keras.utils.set_random_seed(2)
    layer = keras.layers.BatchNormalization(momentum=0.7, epsilon=1e-3, name="norm")
    model = keras.Sequential([keras.layers.Input((5, 4, 3)), layer])
    random = np.random.default_rng(8)
    model.set_weights([random.uniform(0.5, 2.0, 3).astype(np.float32) for _ in range(4)])
    layer.trainable = trainable
    return model


def fused(trainable: bool = True) -> keras.Model:
    model = norm(trainable)
    other = with_fused_norms(model)
    other.set_weights(model.get_weights())
    return other


def images() -> np.ndarray:
    return np.random.default_rng(5).normal(3.0, 2.0, (6, 5, 4, 3)).astype(np.float32)


def numbers(found: object) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(found))


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_a_fused_norm_says_what_keras_says(trainable: bool, training: bool) -> None:
    plain, other = norm(trainable), fused(trainable)
    expected, found = (numbers(model(images(), training=training)) for model in (plain, other))
    assert found == pytest.approx(expected, abs=1e-5)
    for name in ("moving_mean", "moving_variance"):
        averages = [numbers(getattr(model.get_layer("norm"), name)) for model in (plain, other)]
        assert averages[1] == pytest.approx(averages[0], abs=1e-5)


def test_a_fused_norm_learns_what_keras_learns() -> None:
    learnt = []
    for model in (norm(), fused()):
        model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=False)
        model.train_on_batch(images(), np.zeros((6, 5, 4, 3), np.float32))
        learnt.append(model.get_weights())
    for plain, found in zip(*learnt, strict=True):
        assert found == pytest.approx(plain, abs=1e-5)


def test_the_averages_of_half_precision_are_whole() -> None:
    keras.utils.set_random_seed(1)
    model = with_fused_norms(ModelFactory(config(backbone="densenet")).build(56))
    half = with_fused_norms(
        ModelFactory(config(backbone="densenet")).build(56, precision="mixed_bfloat16")
    )
    assert all(isinstance(layer, FusedBatchNormalization) for layer in batch_norms(half))
    assert all(layer.compute_dtype == "bfloat16" for layer in batch_norms(half))
    half.set_weights(model.get_weights())
    image = np.random.default_rng(1).uniform(0, 255, (4, 56, 56, 3)).astype(np.float32)
    for one in (model, half):
        one(image, training=True)
    first, same = (batch_norms(one)[0].get_weights() for one in (model, half))
    for expected, found in zip(first, same, strict=True):
        assert found.dtype == np.float32
        assert found == pytest.approx(expected, rel=0.05, abs=0.05)


def test_the_network_stays_the_same_but_for_its_norms() -> None:
    plain = ModelFactory(config(backbone="resnet")).build(56)
    other = with_fused_norms(plain)
    assert [layer.name for layer in other.layers] == [layer.name for layer in plain.layers]
    assert [w.path for w in other.weights] == [w.path for w in plain.weights]
    assert len(batch_norms(other)) == len(batch_norms(plain)) > 0
