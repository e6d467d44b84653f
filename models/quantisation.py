"""A network's convolutions in 8-bit integers, with ranges that real images gave."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import openvino
from openvino import opset13 as ops

from models.precision import Quantisation

Node = Any  # OpenVINO publishes no types

_LEVELS = 256  # of what a convolution reads
_WEIGHT_LEVELS = 255  # -127 ... 127, so that zero is one of them and nothing is off centre
_SMALLEST = 1e-8  # half the width of a channel whose weights are all zero


def watched(graph: openvino.Model) -> tuple[tuple[str, ...], openvino.Model]:
    """Names of the convolutions to quantise, and a graph that tells their ranges.

    The first convolution is not among them: it reads the image itself, whose smallest differences
    matter, and has little to compute. Neither is the head.

    Returns:
        The names, and a graph whose outputs are the probability and then, for each name, the
        lowest and the highest number that the convolution reads.
    """
    _, *chosen = _convolutions(graph)
    outputs = [graph.output(0)]
    for node in chosen:
        read = node.input_value(0)
        axes = np.arange(len(read.get_shape()))
        outputs += [ops.reduce_min(read, axes).output(0), ops.reduce_max(read, axes).output(0)]
    names = tuple(node.get_friendly_name() for node in chosen)
    return names, openvino.Model(outputs, graph.get_parameters())


def quantise(graph: openvino.Model, quantisation: Quantisation) -> None:
    """Have the convolutions of a graph that have a range compute in 8-bit integers.

    What they read has one scale for all channels, their weights one for each output channel.

    Raises:
        ValueError: a range is of no convolution, or the network does not end in a sigmoid.
    """
    nodes = {node.get_friendly_name(): node for node in _convolutions(graph)}
    if strangers := set(quantisation.ranges) - set(nodes):
        raise ValueError(f"expected ranges of convolutions, received {sorted(strangers)[0]}")
    for name, (low, high) in quantisation.ranges.items():
        _round_input(nodes[name], low, high)
        _round_weights(nodes[name])
    _shift_logit(graph, quantisation.shift)
    graph.validate_nodes_and_infer_types()


def _convolutions(graph: openvino.Model) -> Iterator[Node]:
    """In the order in which they are computed."""
    return (node for node in graph.get_ordered_ops() if node.get_type_name() == "Convolution")


def _round_input(node: Node, low: float, high: float) -> None:
    ends = (np.float32(low), np.float32(high))
    _replace(node, 0, ops.fake_quantize(node.input_value(0), *ends, *ends, _LEVELS))


def _round_weights(node: Node) -> None:
    weights = node.input_value(1)
    size = np.abs(weights.get_node().data).max(axis=(1, 2, 3), keepdims=True)
    size = np.maximum(size, np.float32(_SMALLEST))
    _replace(node, 1, ops.fake_quantize(weights, -size, size, -size, size, _WEIGHT_LEVELS))


def _shift_logit(graph: openvino.Model, shift: float) -> None:
    sigmoid = graph.get_results()[0].input_value(0).get_node()
    if sigmoid.get_type_name() != "Sigmoid":
        raise ValueError(f"expected a sigmoid at the end, received {sigmoid.get_type_name()}")
    _replace(sigmoid, 0, ops.add(sigmoid.input_value(0), np.full((1, 1), shift, np.float32)))


def _replace(node: Node, index: int, source: Node) -> None:
    node.input(index).replace_source_output(source.output(0))
