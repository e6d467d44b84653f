import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss

from models.catalogue import MODALITIES
from pipelines.heads import OTHER, masked_cross_entropy, with_heads
from pipelines.model_factory import HEAD, ModelFactory, head_name
from tests.pipelines.small import config


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
