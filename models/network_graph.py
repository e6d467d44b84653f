"""A checkpoint's layers as an OpenVINO graph, channels first.

Keras keeps the channels last. OpenVINO folds a batch normalisation and a ReLU into the
convolution before them only where no transposition stands between, so the graph turns the image
once and then stays channels first: the same numbers, in about two thirds of the time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from models.checkpoint import INPUT_SHAPE, ForeignCheckpoint
from models.head import last_features
from models.layers import Layer

_INPUTS_AT_A_TIME = 16

Node = Any  # OpenVINO publishes no types
Form = Callable[[Layer, Sequence[Node]], Node]
"""A layer and what it is called on -> what it gives, channels in the second place."""


def build(layers: Sequence[Layer]) -> openvino.Model:
    """The graph of a network: (1, 224, 224, 3) float32 RGB in 0..255 -> (1, 1) probability.

    Its second output is what the global pooling averages: (1, channels, rows, columns) features,
    which the graph computes anyway. From them follows where the network looked.

    Raises:
        ForeignCheckpoint: a layer is of a kind or has a setting that is not known here, or the
            network is not of this input and output.
    """
    try:
        return _graph(layers)
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        raise ForeignCheckpoint(
            expected="a network whose layers fit together", received="one that cannot be built"
        ) from error


def _graph(layers: Sequence[Layer]) -> openvino.Model:
    _refuse_unknown_kinds(layers)
    made: dict[str, Node] = {}
    parameters = []
    for layer in layers:
        if layer.kind == "InputLayer":
            parameters.append(_parameter(layer))
            made[layer.name] = ops.transpose(parameters[-1], [0, 3, 1, 2])
            continue
        _require(layer, data_format="channels_last")
        made[layer.name] = FORMS[layer.kind](layer, [made[name] for name in layer.inputs])
    names = [layers[-1].name, *last_features(layers)]
    outputs = [ops.result(made[name]) for name in names]
    model = openvino.Model(outputs, parameters)
    if len(parameters) != 1 or list(model.output(0).shape) != [1, 1]:
        raise _foreign("one image in, one probability out", "another network")
    return model


def _refuse_unknown_kinds(layers: Sequence[Layer]) -> None:
    """All at once: whoever adds a backbone wants to know how many there are."""
    unknown = sorted({layer.kind for layer in layers} - {"InputLayer", *FORMS})
    if unknown:
        noun = "a layer" if len(unknown) == 1 else "layers"
        raise _foreign(f"layers among {', '.join(sorted(FORMS))}", f"{noun} {', '.join(unknown)}")


def _parameter(layer: Layer) -> Node:
    shape = tuple(layer.settings["batch_shape"])
    if shape != INPUT_SHAPE:
        raise _foreign(f"an input of {INPUT_SHAPE}", f"one of {shape}")
    return ops.parameter([1, *shape[1:]], np.float32)


def _rescaling(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    return ops.add(
        ops.multiply(image, _per_channel(layer.settings["scale"], image)),
        _per_channel(layer.settings["offset"], image),
    )


def _convolution(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    _require(layer, groups=1)
    settings = layer.settings
    strides, dilations = list(settings["strides"]), list(settings["dilation_rate"])
    made = ops.convolution(
        image, _kernel(layer), strides, [0, 0], [0, 0], dilations, auto_pad=_auto_pad(layer)
    )
    made.set_friendly_name(layer.name)  # by which a record of precision knows it
    return _biased_and_activated(layer, made)


def _kernel(layer: Layer) -> Node:
    """A convolution's kernel in 32 bits. OpenVINO widens one of 16 in a third of NumPy's time."""
    kernel = channels_first(layer.weights["kernel"])
    # A plain array would pass through a list of Python's numbers, eight times its size.
    return ops.convert(ops.constant(kernel), np.float32)


def channels_first(kernel: np.ndarray) -> np.ndarray:
    """(rows, columns, inputs, outputs) -> the same as (outputs, inputs, rows, columns)."""
    rows, columns, inputs, outputs = kernel.shape
    turned = np.empty((outputs, inputs, rows, columns), kernel.dtype)
    # A few inputs at a time stay in the processor's cache: a third of the time for large ones.
    for first in range(0, inputs, _INPUTS_AT_A_TIME):
        few = slice(first, first + _INPUTS_AT_A_TIME)
        turned[:, few] = kernel[:, :, few].transpose(3, 2, 0, 1)
    return turned


def _dense(layer: Layer, inputs: Sequence[Node]) -> Node:
    (features,) = inputs
    if len(features.shape) != 2:
        raise ValueError("expected (1, channels)")
    kernel = np.asarray(layer.weights["kernel"], np.float32)
    return _biased_and_activated(layer, ops.matmul(features, kernel, False, False))


def _batch_normalization(layer: Layer, inputs: Sequence[Node]) -> Node:
    """As one factor and one term per channel, which is all that it is once trained."""
    (image,) = inputs
    _require_channels(layer, image)
    weights = {name: array.astype(np.float64) for name, array in layer.weights.items()}
    factor = weights.get("gamma", 1.0) / np.sqrt(
        weights["moving_variance"] + layer.settings["epsilon"]
    )
    term = weights.get("beta", 0.0) - weights["moving_mean"] * factor
    return ops.add(ops.multiply(image, _per_channel(factor, image)), _per_channel(term, image))


def _max_pooling(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    strides, size = list(layer.settings["strides"]), list(layer.settings["pool_size"])
    pooled = ops.max_pool(image, strides, [1, 1], [0, 0], [0, 0], size, auto_pad=_auto_pad(layer))
    return pooled.output(0)


def _average_pooling(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    strides, size = list(layer.settings["strides"]), list(layer.settings["pool_size"])
    exclude_pad = True
    return ops.avg_pool(
        image, strides, [0, 0], [0, 0], size, exclude_pad, auto_pad=_auto_pad(layer)
    )


def _resizing(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    _require(
        layer,
        interpolation="bilinear",
        antialias=False,
        crop_to_aspect_ratio=False,
        pad_to_aspect_ratio=False,
    )
    sides = np.array([layer.settings["height"], layer.settings["width"]], np.int64)
    return ops.interpolate(image, sides, "linear_onnx", "sizes", axes=np.array([2, 3]))


def _global_average_pooling(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    return ops.reduce_mean(image, np.array([2, 3]), keep_dims=layer.settings["keepdims"])


def _zero_padding(layer: Layer, inputs: Sequence[Node]) -> Node:
    (image,) = inputs
    (top, bottom), (left, right) = layer.settings["padding"]
    zero = np.float32(0)
    return ops.pad(image, [0, 0, top, left], [0, 0, bottom, right], "constant", zero)


def _add(_layer: Layer, inputs: Sequence[Node]) -> Node:
    first, second = inputs
    return ops.add(first, second)


def _concatenate(layer: Layer, inputs: Sequence[Node]) -> Node:
    _require_channels(layer, inputs[0])
    return ops.concat(list(inputs), 1)


def _activation(layer: Layer, inputs: Sequence[Node]) -> Node:
    (features,) = inputs
    return _activated(layer, features)


def _relu(layer: Layer, inputs: Sequence[Node]) -> Node:
    (features,) = inputs
    _require(layer, max_value=None, negative_slope=0.0, threshold=0.0)
    return ops.relu(features)


def _dropout(_layer: Layer, inputs: Sequence[Node]) -> Node:
    (features,) = inputs
    return features


FORMS: Mapping[str, Form] = {
    "Activation": _activation,
    "Add": _add,
    "AveragePooling2D": _average_pooling,
    "BatchNormalization": _batch_normalization,
    "Concatenate": _concatenate,
    "Conv2D": _convolution,
    "Dense": _dense,
    "Dropout": _dropout,
    "GlobalAveragePooling2D": _global_average_pooling,
    "MaxPooling2D": _max_pooling,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Resizing": _resizing,
    "ZeroPadding2D": _zero_padding,
}
"""What each kind of layer becomes; another kind of layer is another entry."""

_ACTIVATIONS: Mapping[str, Callable[[Node], Node]] = {
    "linear": lambda features: features,
    "relu": ops.relu,
    "sigmoid": ops.sigmoid,
}


def _biased_and_activated(layer: Layer, features: Node) -> Node:
    if "bias" in layer.weights:
        features = ops.add(features, _per_channel(layer.weights["bias"], features))
    return _activated(layer, features)


def _activated(layer: Layer, features: Node) -> Node:
    name = layer.settings["activation"]
    if name not in _ACTIVATIONS:
        raise _foreign(f"an activation among {', '.join(_ACTIVATIONS)}", f"{name}")
    return _ACTIVATIONS[name](features)


def _per_channel(values: Any, features: Node) -> np.ndarray:
    """Values, one or one per channel, in a shape that spreads over (1, channels, ...)."""
    return np.asarray(values, np.float32).reshape(1, -1, *[1] * (len(features.shape) - 2))


def _auto_pad(layer: Layer) -> str:
    return {"same": "same_upper", "valid": "valid"}[layer.settings["padding"]]


def _require_channels(layer: Layer, features: Node) -> None:
    axis = layer.settings["axis"]
    axis = axis[0] if isinstance(axis, list) else axis
    if axis not in {-1, len(features.shape) - 1}:
        raise _foreign(f"{layer.kind} over the channels", f"axis {axis}")


def _require(layer: Layer, **expected: Any) -> None:
    for name, value in expected.items():
        received = layer.settings.get(name, value)
        if received != value:
            raise _foreign(f"{layer.kind} with {name} {value}", f"{name} {received}")


def _foreign(expected: str, received: str) -> ForeignCheckpoint:
    return ForeignCheckpoint(
        expected=expected,
        received=received,
        action="Install the checkpoint again; or, where it is the right one, add what it needs to "
        "models/network_graph.py, as CONTRIBUTING.md tells.",
    )
