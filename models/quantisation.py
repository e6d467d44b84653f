"""A network's convolutions in 8-bit integers, with ranges that real images gave."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from models.precision import Quantisation, Range

Node = Any  # OpenVINO publishes no types

_LEVELS = 256  # of what a convolution reads
_LARGEST = np.float32(127)  # of a weight's integers, which go from -127
_WEIGHT_LEVELS = 255  # so that zero is one of them and nothing is off centre
_SMALLEST = 1e-8  # largest weight of a channel whose weights are all zero


def watched(graph: openvino.Model) -> tuple[tuple[str, ...], openvino.Model]:
    """Names of the convolutions to quantise, and a graph that tells their ranges.

    The first convolution is not among them: it reads the image itself, whose smallest differences
    matter, and has little to compute. Neither is the head.

    Returns:
        The names, and a graph whose outputs are the probability and then, for each name, the
        lowest and the highest number of each channel that the convolution reads.
    """
    _, *chosen = _convolutions(graph)
    outputs = [graph.output(0)]
    for node in chosen:
        read = node.input_value(0)
        axes = np.array([0, 2, 3])
        outputs += [ops.reduce_min(read, axes).output(0), ops.reduce_max(read, axes).output(0)]
    names = tuple(node.get_friendly_name() for node in chosen)
    return names, openvino.Model(outputs, graph.get_parameters())


def quantise(graph: openvino.Model, quantisation: Quantisation) -> None:
    """Have the convolutions of a graph that have a range compute in 8-bit integers.

    What they read has one scale for all channels, or half of it; their weights have one for each
    output channel, a power of two: weights that were rounded to a few bits to make a checkpoint
    small are mostly such integers already, and lose nothing.

    Raises:
        ValueError: a range is of no convolution, or of one with other channels, or the network
            does not end in a sigmoid.
    """
    nodes = {node.get_friendly_name(): node for node in _convolutions(graph)}
    if strangers := set(quantisation.ranges) - set(nodes):
        raise ValueError(f"expected ranges of convolutions, received {sorted(strangers)[0]}")
    for name, found in quantisation.ranges.items():
        factors = _factors(nodes[name], found)
        _round_input(nodes[name], found, factors)
        _round_weights(nodes[name], factors)
    _shift_logit(graph, quantisation.shift)
    graph.validate_nodes_and_infer_types()


def _convolutions(graph: openvino.Model) -> Iterator[Node]:
    """In the order in which they are computed."""
    return (node for node in graph.get_ordered_ops() if node.get_type_name() == "Convolution")


def _factors(node: Node, found: Range) -> np.ndarray:
    """(1, channels, 1, 1): 2 where a channel is doubled, otherwise 1."""
    channels = node.input_value(0).get_shape()[1]
    if len(found.doubled) != channels:
        raise ValueError(f"expected {channels} channels, received {len(found.doubled)}")
    return np.array([1 + int(sign) for sign in found.doubled], np.float32).reshape(1, -1, 1, 1)


def _round_input(node: Node, found: Range, factors: np.ndarray) -> None:
    low, high = np.float32(found.low), np.float32(found.high)
    read = node.input_value(0)
    _replace(node, 0, ops.fake_quantize(read, low / factors, high / factors, low, high, _LEVELS))


def _round_weights(node: Node, factors: np.ndarray) -> None:
    stored = node.input_value(1).get_node().input_value(0).get_node()  # before it is widened
    weights = stored.data / factors
    largest = np.maximum(np.abs(weights).max(axis=(1, 2, 3), keepdims=True), _SMALLEST)
    step = np.exp2(np.ceil(np.log2(largest / _LARGEST))).astype(np.float32)
    end = step * _LARGEST
    halved = ops.constant(weights)
    _replace(node, 1, ops.fake_quantize(halved, -end, end, -end, end, _WEIGHT_LEVELS))


def _shift_logit(graph: openvino.Model, shift: float) -> None:
    sigmoid = graph.get_results()[0].input_value(0).get_node()
    if sigmoid.get_type_name() != "Sigmoid":
        raise ValueError(f"expected a sigmoid at the end, received {sigmoid.get_type_name()}")
    _replace(sigmoid, 0, ops.add(sigmoid.input_value(0), np.full((1, 1), shift, np.float32)))


def _replace(node: Node, index: int, source: Node) -> None:
    node.input(index).replace_source_output(source.output(0))
