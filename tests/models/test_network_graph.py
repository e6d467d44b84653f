"""What the graph computes is compared with Keras in tests/functional/test_same_answers.py."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalogue import model_keys
from models.checkpoint import ForeignCheckpoint
from models.compilation import compiled
from models.layers import Layer, read_layers
from models.network_graph import build, channels_first

INPUT, SCALE, CONVOLUTION, POOL, DENSE = range(5)


@pytest.fixture
def layers(installed: Path) -> list[Layer]:
    """Input, rescaling, convolution, global pooling, dense layer."""
    return list(read_layers(installed / model_keys()[0].checkpoint))


def test_one_image_in_one_probability_out(layers: list[Layer]) -> None:
    model = build(layers)
    assert list(model.input().shape) == [1, 224, 224, 3]
    assert list(model.output(0).shape) == [1, 1]


def test_the_features_before_the_global_pooling_come_out_too(layers: list[Layer]) -> None:
    model = build(layers)
    assert len(model.outputs) == 2
    assert list(model.output(1).shape) == [1, 4, 28, 28]


def test_the_image_is_turned_once_and_stays_channels_first(layers: list[Layer]) -> None:
    kinds = [node.get_type_name() for node in build(layers).get_ops()]
    assert kinds.count("Transpose") == 1


@pytest.mark.parametrize("index", [CONVOLUTION, DENSE])
def test_kernels_of_16_bits_answer_as_the_same_numbers_in_32(
    layers: list[Layer], index: int
) -> None:
    weights = layers[index].weights
    halves = weights["kernel"].astype(np.float16)
    image = np.random.default_rng(3).uniform(0, 255, (1, 224, 224, 3)).astype(np.float32)
    found = []
    for kernel in (halves, halves.astype(np.float32)):
        layers[index] = replace(layers[index], weights={**weights, "kernel": kernel})
        found.append(compiled(layers, "f32")(image)[0].item())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("index", "settings", "words"),
    [
        (INPUT, {"batch_shape": [None, 112, 112, 3]}, "an input of"),
        (CONVOLUTION, {"data_format": "channels_first"}, "data_format channels_first"),
        (CONVOLUTION, {"groups": 2}, "groups 2"),
        (CONVOLUTION, {"activation": "swish"}, "received swish"),
        (CONVOLUTION, {"padding": "causal"}, "cannot be built"),
        (CONVOLUTION, {"strides": [500, 0]}, "cannot be built"),
    ],
)
def test_a_setting_that_is_not_known_is_refused(
    layers: list[Layer], index: int, settings: dict[str, Any], words: str
) -> None:
    layers[index] = replace(layers[index], settings={**layers[index].settings, **settings})
    with pytest.raises(ForeignCheckpoint, match=words):
        build(layers)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"interpolation": "nearest"}, "interpolation nearest"),
        ({"antialias": True}, "antialias True"),
        ({"crop_to_aspect_ratio": True}, "crop_to_aspect_ratio True"),
        ({"height": 0}, "cannot be built"),
    ],
)
def test_images_are_resized_in_the_one_way_that_is_known(
    layers: list[Layer], settings: dict[str, Any], words: str
) -> None:
    known = {"height": 144, "width": 144, "interpolation": "bilinear"}
    resizing = replace(layers[SCALE], kind="Resizing", settings=known)
    build([*layers[:SCALE], resizing, *layers[SCALE + 1 :]])
    layers[SCALE] = replace(resizing, settings={**known, **settings})
    with pytest.raises(ForeignCheckpoint, match=words):
        build(layers)


def test_a_layer_that_is_not_known_is_refused_by_name(layers: list[Layer]) -> None:
    layers[SCALE] = replace(layers[SCALE], kind="Lambda")
    with pytest.raises(ForeignCheckpoint, match="received a layer Lambda"):
        build(layers)


def test_all_kinds_that_are_not_known_are_told_at_once(layers: list[Layer]) -> None:
    for index, kind in ((SCALE, "Lambda"), (CONVOLUTION, "DepthwiseConv2D"), (DENSE, "Lambda")):
        layers[index] = replace(layers[index], kind=kind)
    with pytest.raises(ForeignCheckpoint, match="received layers DepthwiseConv2D, Lambda"):
        build(layers)


def test_weights_that_do_not_fit_are_refused(layers: list[Layer]) -> None:
    kernel = np.zeros((9, 1), np.float32)
    layers[DENSE] = replace(layers[DENSE], weights={"kernel": kernel})
    with pytest.raises(ForeignCheckpoint):
        build(layers)


def test_an_answer_that_is_no_probability_is_refused(layers: list[Layer]) -> None:
    with pytest.raises(ForeignCheckpoint, match="received another network"):
        build(layers[: POOL + 1])


def test_a_layer_without_what_it_needs_is_refused(layers: list[Layer]) -> None:
    with pytest.raises(ForeignCheckpoint):
        build(layers[1:])


@pytest.mark.parametrize("shape", [(1, 1, 3, 5), (3, 3, 16, 4), (7, 2, 17, 1), (3, 3, 40, 33)])
def test_kernels_are_turned_without_a_change(shape: tuple[int, ...]) -> None:
    kernel = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    turned = channels_first(kernel)
    assert turned.flags.c_contiguous
    assert turned.dtype == np.float32
    assert np.array_equal(turned, kernel.transpose(3, 2, 0, 1))
