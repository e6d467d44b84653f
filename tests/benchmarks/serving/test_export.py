from pathlib import Path

import pytest

from benchmarks.serving.errors import BenchmarkRefused
from benchmarks.serving.export import export_at
from benchmarks.serving.passes import openvino_pass
from models import precision
from pipelines.precisions import measure
from portal.engine import open_network
from tests.networks import SmallNetwork, images


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return SmallNetwork.made().write(tmp_path / "checkpoints")


def test_the_bare_pass_in_integers_answers_as_the_portal_does(
    checkpoint: Path, tmp_path: Path
) -> None:
    precision.write(checkpoint, measure(checkpoint, images(6), images(9, first=50)))
    bare = openvino_pass(export_at("int8", checkpoint, tmp_path / "bare"), "int8")
    served = open_network(checkpoint, precision="int8")
    for image in images(3, first=70):
        assert bare(image) == pytest.approx(served(image), abs=1e-5)


def test_integers_need_a_record(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(BenchmarkRefused, match="python -m pipelines precisions"):
        export_at("int8", checkpoint, tmp_path / "bare")
