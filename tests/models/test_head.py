from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalogue import model_keys
from models.checkpoint import ForeignCheckpoint
from models.head import Head, last_features
from models.layers import Layer, read_layers
from tests.fakes import tiny_model


def layer(name: str, kind: str, before: str, **settings: Any) -> Layer:
    return Layer(name=name, kind=kind, settings=settings, inputs=(before,), weights={})


def dense(name: str, before: str, sizes: tuple[int, int], activation: str, seed: int = 1) -> Layer:
    random = np.random.default_rng(seed)
    weights = {
        "kernel": random.normal(size=sizes).astype(np.float32),
        "bias": random.normal(size=sizes[1]).astype(np.float32),
    }
    return Layer(
        name=name,
        kind="Dense",
        settings={"activation": activation},
        inputs=(before,),
        weights=weights,
    )


def chain(activation: str = "relu") -> list[Layer]:
    """The study's head on five features, with eight hidden units."""
    return [
        layer("last", "Activation", "other"),
        layer("pool", "GlobalAveragePooling2D", "last"),
        layer("dropout_pool", "Dropout", "pool"),
        dense("dense", "dropout_pool", (5, 8), activation, seed=2),
        layer("dropout_dense", "Dropout", "dense"),
        dense("probability", "dropout_dense", (8, 1), "sigmoid", seed=3),
    ]


def logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_the_gradient_is_that_of_finite_differences(activation: str) -> None:
    head = Head.of(chain(activation))
    assert head.channels == 5
    for seed in range(10):
        pooled = np.random.default_rng(seed).uniform(0, 0.5, 5)
        step = 1e-6
        differences = [
            (logit(head.probability(pooled + step * one)) - logit(head.probability(pooled))) / step
            for one in np.eye(5)
        ]
        assert head.gradient(pooled) == pytest.approx(differences, abs=1e-3)


def test_the_head_of_a_checkpoint_has_its_weights(installed: Path) -> None:
    layers = read_layers(installed / model_keys()[2].checkpoint, weights_of=("Dense",))
    kernel, _ = tiny_model(2).get_weights()[2:]
    head = Head.of(layers)
    assert np.array_equal(head.gradient(np.ones(4)), kernel[:, 0].astype(np.float64))
    assert [bool(item.weights) for item in layers] == [False] * 4 + [True]
    assert last_features(layers) == (layers[2].name,)


def without(layers: list[Layer], name: str) -> list[Layer]:
    return [item for item in layers if item.name != name]


@pytest.mark.parametrize(
    "layers",
    [
        without(chain(), "pool"),
        without(chain(), "dense"),
        without(chain(), "probability"),
        chain("tanh"),
        [*chain(), dense("more", "probability", (1, 1), "relu")],
        [*chain(), layer("norm", "BatchNormalization", "probability")],
        [*chain()[:-1], dense("probability", "dropout_dense", (7, 1), "sigmoid")],
        [*chain()[:-1], dense("probability", "dropout_dense", (8, 2), "sigmoid")],
        [*chain()[:-1], dense("probability", "pool", (8, 1), "sigmoid")],
    ],
)
def test_another_head_is_refused(layers: list[Layer]) -> None:
    with pytest.raises(ForeignCheckpoint, match="dense layers behind a global average pooling"):
        Head.of(layers)
