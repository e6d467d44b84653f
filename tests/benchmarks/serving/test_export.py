from pathlib import Path

import pytest

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.export import as_served
from benchmarks.serving.passes import openvino_pass
from models import precision
from models.precision import Precision
from pipelines.precisions import measure
from portal.engine import open_network
from tests.networks import SmallNetwork, images


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return SmallNetwork.made().write(tmp_path / "checkpoints")


@pytest.mark.parametrize("precise", ["f32", "int8"])
def test_the_bare_pass_answers_as_the_portal_does(
    checkpoint: Path, tmp_path: Path, precise: Precision
) -> None:
    record = measure(checkpoint, images(6), images(4, first=50), images(9, first=50))
    precision.write(checkpoint, record)
    bare = openvino_pass(as_served(checkpoint, tmp_path / "bare", precise), precise)
    served = open_network(checkpoint, precision=precise)
    for image in images(3, first=70):
        assert bare(image) == pytest.approx(served(image), abs=1e-5)


def test_the_bare_pass_is_of_the_graph_that_the_portal_compiles(
    checkpoint: Path, tmp_path: Path
) -> None:
    import openvino

    from models.layers import read_layers
    from models.network_graph import build

    exported = openvino.Core().read_model(as_served(checkpoint, tmp_path / "bare", "f32"))
    kinds = [node.get_type_name() for node in exported.get_ordered_ops()]
    served = [node.get_type_name() for node in build(read_layers(checkpoint)).get_ordered_ops()]
    assert sorted(kinds) == sorted(served)


def test_integers_need_a_record(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkRefused, match="python -m pipelines precisions"):
        as_served(checkpoint, tmp_path / "bare", "int8")
