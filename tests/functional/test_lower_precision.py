"""A portal at a precision that not every model may be served at."""

from collections.abc import Callable
from pathlib import Path

from models import precision
from models.catalogue import model_keys
from pipelines.precisions import measure
from tests.conftest import Portal
from tests.networks import SmallNetwork, images

REFUSES, ANSWERS = model_keys()[:2]


def test_it_is_ready_as_soon_as_one_model_may_be_served(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    for key in (REFUSES, ANSWERS):
        path = SmallNetwork.made().write(tmp_path, key)
    client = make_portal(tmp_path, precision="int8").client
    answer = client.get("/readyz")
    assert answer.status_code == 503
    (failed,) = (check for check in answer.json["checks"] if not check["passed"])
    assert failed["detail"].endswith(": This model cannot be used at this precision")
    precision.write(path, measure(path, images(6), images(4, first=50), images(9, first=50)))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["checks"][-1]["detail"] == f"{ANSWERS} answers"
