from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino
import pytest

from models.catalogue import model_keys
from models.checkpoint import ForeignCheckpoint
from models.compilation import compiled, core, options_at
from models.layers import Layer, read_layers
from models.network_graph import build
from models.precision import Quantisation, Range
from models.quantisation import quantise, watched
from tests.networks import SmallNetwork, images

NETWORK = SmallNetwork.made()
QUANTISATION = Quantisation(
    ranges={
        "c1": Range(low=0.0, high=6.0, doubled="010010"),
        "c2": Range(low=0.0, high=20.0, doubled="10001"),
    },
    shift=0.25,
)


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layer, ...]:
    return read_layers(NETWORK.write(tmp_path_factory.mktemp("checkpoints")))


def test_it_computes_what_integers_do(layers: tuple[Layer, ...]) -> None:
    request = compiled(layers, "int8", QUANTISATION).create_infer_request()
    for image in images(4):
        expected = NETWORK.in_integers(image, QUANTISATION)
        assert request.infer([image])[0].item() == pytest.approx(expected, abs=2e-3)


def test_the_convolutions_really_run_in_integers(layers: tuple[Layer, ...]) -> None:
    def runs_in(name: str) -> str:
        found = nodes[name].get_rt_info()["runtimePrecision"]
        return str(getattr(found, "value", found))

    runtime = compiled(layers, "int8", QUANTISATION).get_runtime_model()
    nodes = {node.get_friendly_name(): node for node in runtime.get_ordered_ops()}
    assert [runs_in(name) for name in ("c0", "c1", "c2")] == ["f32", "u8", "u8"]


def test_all_but_the_first_convolution_are_watched_with_their_ranges(
    layers: tuple[Layer, ...],
) -> None:
    names, graph = watched(build(layers))
    assert names == ("c1", "c2")
    request = core().compile_model(graph, "CPU", dict(options_at("f32"))).create_infer_request()
    for image in images(3):
        _, *ends = request.infer([image]).to_tuple()
        read = NETWORK.read_by(image)
        expected = [end for one in read for end in (one.min(axis=0), one.max(axis=0))]
        for found, known in zip(ends, expected, strict=True):
            assert found == pytest.approx(known, rel=1e-4, abs=1e-5)


def test_weights_of_four_bits_lose_nothing(layers: tuple[Layer, ...]) -> None:
    graph = build([_of_four_bits(layer) for layer in layers])
    kernels = {name: _kernel(graph, name) for name in ("c1", "c2")}
    quantise(graph, QUANTISATION)
    for name, kernel in kernels.items():
        doubled = np.array([sign == "1" for sign in QUANTISATION.ranges[name].doubled])
        assert np.array_equal(_kernel(graph, name), kernel / (1 + doubled.reshape(1, -1, 1, 1)))


def _of_four_bits(layer: Layer) -> Layer:
    """With kernels of numbers 8 to 15, of either sign, times one of three powers of two."""
    if "kernel" not in layer.weights:
        return layer
    random, shape = np.random.default_rng(5), layer.weights["kernel"].shape
    numbers = random.integers(8, 16, shape) * 2.0 ** -random.integers(5, 8, shape)
    kernel = np.asarray(numbers * random.choice([-1, 1], shape), np.float32)
    return replace(layer, weights={**layer.weights, "kernel": kernel})


def _kernel(graph: openvino.Model, name: str) -> np.ndarray:
    """What a convolution multiplies by, rounded where it is."""
    (node,) = (one for one in graph.get_ordered_ops() if one.get_friendly_name() == name)
    alone = openvino.Model([node.input_value(1)], [])
    return np.array(core().compile_model(alone, "CPU", dict(options_at("f32")))([])[0])


def test_a_range_of_no_convolution_is_refused(layers: tuple[Layer, ...]) -> None:
    unit = Range(low=0.0, high=1.0, doubled="0")
    strange = Quantisation(ranges={"elsewhere": unit}, shift=0.0)
    with pytest.raises(ValueError, match="elsewhere"):
        quantise(build(layers), strange)
    with pytest.raises(ForeignCheckpoint):
        compiled(layers, "int8", strange)


def test_a_range_of_other_channels_is_refused(layers: tuple[Layer, ...]) -> None:
    few = Quantisation(ranges={"c1": Range(low=0.0, high=1.0, doubled="01")}, shift=0.0)
    with pytest.raises(ValueError, match="expected 6 channels, received 2"):
        quantise(build(layers), few)
    with pytest.raises(ForeignCheckpoint):
        compiled(layers, "int8", few)


def test_integers_need_a_quantisation(layers: tuple[Layer, ...]) -> None:
    with pytest.raises(ForeignCheckpoint):
        compiled(layers, "int8")


def test_a_network_without_a_sigmoid_is_refused(installed: Path) -> None:
    *most, last = read_layers(installed / model_keys()[0].checkpoint)
    open_end = Layer(
        name=last.name,
        kind=last.kind,
        settings={**last.settings, "activation": "linear"},
        inputs=last.inputs,
        weights=last.weights,
    )
    with pytest.raises(ValueError, match="expected a sigmoid"):
        quantise(build([*most, open_end]), Quantisation(ranges={}, shift=0.1))
