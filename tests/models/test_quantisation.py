from pathlib import Path

import numpy as np
import pytest

from models.catalogue import model_keys
from models.checkpoint import ForeignCheckpoint
from models.compilation import compiled, core, options_at
from models.layers import Layer, read_layers
from models.network_graph import build
from models.precision import Quantisation
from models.quantisation import quantise, watched
from tests.networks import SmallNetwork, images

NETWORK = SmallNetwork.made()
ENDS = [6.0, 20.0]
QUANTISATION = Quantisation(ranges={"c1": (0.0, ENDS[0]), "c2": (0.0, ENDS[1])}, shift=0.25)


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layer, ...]:
    return read_layers(NETWORK.write(tmp_path_factory.mktemp("checkpoints")))


def test_it_computes_what_integers_do(layers: tuple[Layer, ...]) -> None:
    request = compiled(layers, "int8", QUANTISATION).create_infer_request()
    for image in images(4):
        expected = NETWORK.in_integers(image, ENDS, QUANTISATION.shift)
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
        _, *ends = [value.item() for value in request.infer([image]).to_tuple()]
        expected = [end for read in NETWORK.read_by(image) for end in (read.min(), read.max())]
        assert ends == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    "ranges", [{"c1": (1.0, 2.0)}, {"c1": (0.0, 0.0)}, {"c1": (0.0, np.inf)}, {"c1": (np.nan, 1)}]
)
def test_a_range_without_zero_or_without_end_is_no_range(ranges: dict) -> None:
    with pytest.raises(ValueError, match="expected a range around 0 for c1"):
        Quantisation(ranges=ranges, shift=0.0)


def test_a_shift_is_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        Quantisation(ranges={}, shift=float("nan"))


def test_a_range_of_no_convolution_is_refused(layers: tuple[Layer, ...]) -> None:
    strange = Quantisation(ranges={"elsewhere": (0.0, 1.0)}, shift=0.0)
    with pytest.raises(ValueError, match="elsewhere"):
        quantise(build(layers), strange)
    with pytest.raises(ForeignCheckpoint):
        compiled(layers, "int8", strange)


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
