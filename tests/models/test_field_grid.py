"""Where fields lie is compared with which pixels of an image move them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.checkpoint import ForeignCheckpoint, save_plain
from models.field_grid import FieldGrid
from models.layers import Layer, read_layers

Row = tuple[str, str, dict[str, Any], tuple[str, ...]]  # name, kind, settings, inputs
SIDES = (41, 30)  # unlike and odd, so that a mistake at one border shows


def plain(layers: Any, image: Any) -> Any:
    return layers.AveragePooling2D(3, 2)(image)


def padded(layers: Any, image: Any) -> Any:
    x = layers.ZeroPadding2D(((3, 2), (1, 3)))(image)
    x = ones(layers, 7, strides=2)(x)
    return layers.AveragePooling2D(3, 2, padding="same")(x)


def dilated(layers: Any, image: Any) -> Any:
    x = ones(layers, 3, dilation_rate=2, padding="same")(image)
    return ones(layers, (2, 3), strides=(2, 3), padding="same")(x)


def branched(layers: Any, image: Any) -> Any:
    left = ones(layers, 3, strides=2, padding="same")(image)
    right = ones(layers, 3, strides=2, padding="same")(image)
    return layers.AveragePooling2D(2)(layers.Add()([left, right]))


def resized(layers: Any, image: Any) -> Any:
    x = layers.Resizing(27, 20)(image)
    return layers.AveragePooling2D(3, 2)(x)


def ones(layers: Any, size: Any, **settings: Any) -> Any:
    return layers.Conv2D(1, size, kernel_initializer="ones", use_bias=False, **settings)


def built(network: Callable[[Any, Any], Any], path: Path) -> tuple[Any, FieldGrid]:
    """A model from an image to its features, and where their fields lie."""
    import keras

    image = keras.Input((*SIDES, 1))
    features = network(keras.layers, image)
    save_plain(keras.Model(image, keras.layers.GlobalAveragePooling2D()(features)), path)
    grid = FieldGrid.of(read_layers(path))
    assert grid.shape == tuple(features.shape[1:3])
    return keras.Model(image, features), grid


@pytest.mark.parametrize("network", [plain, padded, dilated, branched])
def test_a_field_lies_in_the_middle_of_the_pixels_that_move_it(
    network: Callable[[Any, Any], Any], tmp_path: Path
) -> None:
    model, grid = built(network, tmp_path / "model.h5")
    for axis, fields in enumerate((grid.rows, grid.columns)):
        lit = np.zeros((SIDES[axis], *SIDES, 1), np.float32)  # one row or column at a time
        for place in range(SIDES[axis]):
            lit[(place, *(slice(None), place)[1 - axis :], ...)] = 1.0
        seen = np.asarray(model(lit))[..., 0].sum(axis=2 - axis) > 0  # (places, fields)
        compared = 0
        for index in range(fields.count):
            places = np.flatnonzero(seen[:, index])
            if places[0] > 0 and places[-1] < SIDES[axis] - 1:  # one at the border sees less
                assert fields.first + fields.step * index == (places[0] + places[-1]) / 2
                compared += 1
        assert compared


def test_a_field_of_a_resized_image_lies_where_a_slope_says(tmp_path: Path) -> None:
    model, grid = built(resized, tmp_path / "model.h5")
    slopes = np.stack(np.indices(SIDES))[..., np.newaxis]  # each pixel holds its own place
    down, across = np.asarray(model(slopes.astype(np.float32)))[..., 0]
    np.testing.assert_allclose(down[:, 0], grid.rows.centres, atol=1e-4)
    np.testing.assert_allclose(across[0], grid.columns.centres, atol=1e-4)


def grid_of(**settings: Any) -> FieldGrid:
    shape = {"batch_shape": [None, 8, 8, 3]}
    window = {"strides": [4, 4], "padding": "valid", **settings}
    made: list[Row] = [
        ("image", "InputLayer", shape, ()),
        ("last", "AveragePooling2D", window, ("image",)),
        ("pool", "GlobalAveragePooling2D", {}, ("last",)),
    ]
    return FieldGrid.of(_layers(made))


def _layers(rows: list[Row]) -> list[Layer]:
    return [
        Layer(name=name, kind=kind, settings=found, inputs=inputs, weights={})
        for name, kind, found, inputs in rows
    ]


def test_between_centres_a_line_and_outside_the_nearest() -> None:
    grid = grid_of(pool_size=[4, 4])
    assert list(grid.rows.centres) == [1.5, 5.5]
    spread = grid.spread(np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert spread.shape == (8, 8)
    assert spread[3].tolist() == [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1]
    assert (spread == spread[0]).all()


def test_a_centre_outside_the_image_lies_at_its_border() -> None:
    grid = grid_of(pool_size=[2, 2], padding="same", strides=[7, 7])
    assert grid.shape == (2, 2)
    assert grid.centre(1, 0)[0] <= 7


@pytest.mark.parametrize("settings", [{"pool_size": [9, 9]}, {}, {"pool_size": [0]}])
def test_layers_that_do_not_fit_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ForeignCheckpoint):
        grid_of(**settings)


@pytest.mark.parametrize("side", [0, -1])
def test_an_image_cannot_be_resized_to_nothing(side: int) -> None:
    kinds: list[Row] = [
        ("image", "InputLayer", {"batch_shape": [None, 8, 8, 3]}, ()),
        ("small", "Resizing", {"height": 4, "width": side}, ("image",)),
        ("pool", "GlobalAveragePooling2D", {}, ("small",)),
    ]
    with pytest.raises(ForeignCheckpoint):
        FieldGrid.of(_layers(kinds))


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("DepthwiseConv2D", {"kernel_size": [3, 3], "strides": [2, 2], "padding": "same"}),
        ("UpSampling2D", {"size": [2, 2]}),
        ("Cropping2D", {"cropping": [[1, 1], [1, 1]]}),
    ],
)
def test_windows_that_are_not_known_are_refused_by_name(
    kind: str, settings: dict[str, Any]
) -> None:
    rows: list[Row] = [
        ("image", "InputLayer", {"batch_shape": [None, 8, 8, 3]}, ()),
        ("new", kind, settings, ("image",)),
        ("pool", "GlobalAveragePooling2D", {}, ("new",)),
    ]
    with pytest.raises(ForeignCheckpoint, match=rf"received a layer {kind}\..*field_grid\.py"):
        FieldGrid.of(_layers(rows))


def test_a_network_without_global_pooling_is_refused() -> None:
    with pytest.raises(ForeignCheckpoint):
        FieldGrid.of([])
