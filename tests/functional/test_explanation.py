"""Heat-maps on the pages, and the shipped models' features."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalogue import Cohort, ModelKey, cohorts
from models.checkpoint import read_card
from models.compilation import compiled
from models.explanation import Explainer
from models.layers import read_layers
from models.precision import Precision
from portal.network import CompiledNetwork
from tests.conftest import Portal
from tests.fakes import fake_agreement, pixels, png, write_checkpoints

SHIPPED = Path(__file__).parents[2] / "models" / "checkpoints"
COHORT: Cohort = cohorts()[2]
KEY = COHORT.keys[0]


def sent(portal: Portal, url: str, **fields: str) -> str:
    data = {"image": (io.BytesIO(png()), "a.png"), **fields}
    return portal.client.post(url, data=data).text


@pytest.fixture(scope="module")
def measured(
    make_portal: Callable[..., Portal], tmp_path_factory: pytest.TempPathFactory
) -> Portal:
    """A portal beside whose models lies a record for one of them."""
    folder = write_checkpoints(tmp_path_factory.mktemp("models") / "checkpoints", COHORT.keys)
    fingerprint = read_card(folder / KEY.checkpoint).fingerprint
    fake_agreement(KEY, fingerprint).write(folder.parent / "explanations")
    return make_portal(folder)


def test_a_heat_map_is_off_until_it_is_asked_for(portal: Portal) -> None:
    page = sent(portal, f"/{KEY}")
    assert 'name="explain"' in page
    assert "data-heat-layer" not in page
    assert 'value="yes" checked' not in page


def test_a_heat_map_lies_over_the_prepared_image(portal: Portal) -> None:
    page = sent(portal, f"/{KEY}", explain="yes")
    assert page.count("data-heat-layer") == 1
    assert re.search(r'class="heat-layer" src="data:image/png;base64,[\w+/=]{100,}"', page)
    assert "It is coarse: the model tells apart 28 x 28 fields" in page
    assert "no proof that the model is right" in page
    assert 'value="yes" checked' in page
    assert 'data-testid="not-measured"' in page
    assert " style=" not in page


def test_the_verdict_is_the_same_with_and_without(portal: Portal) -> None:
    marks = [
        re.findall(r'data-probability="[\d.]+"', sent(portal, f"/{KEY}", **fields))
        for fields in ({}, {"explain": "yes"})
    ]
    assert marks[0] == marks[1] != []


def test_measured_agreement_stands_beside_the_heat_map(measured: Portal) -> None:
    page = sent(measured, f"/{KEY}", explain="yes")
    assert 'data-testid="mask-agreement"' in page
    assert "neither is shown to be above chance" in page
    assert 'data-testid="not-measured"' not in page


def test_the_study_tells_what_was_measured(measured: Portal) -> None:
    assert 'data-testid="mask-agreement"' in measured.client.get(f"/study/{KEY}").text
    assert 'data-testid="not-measured"' in measured.client.get(f"/study/{COHORT.keys[1]}").text


def test_three_heat_maps_stand_side_by_side(measured: Portal) -> None:
    page = sent(measured, f"/{COHORT}", explain="yes")
    maps = page[page.index('data-testid="heat-maps"') :].partition("<form")[0]
    maps = maps.replace("\u00a0", " ")
    assert maps.count("data-heat-layer") == 3
    assert re.findall(r'figure data-model="(\w+)"', maps) == [str(key) for key in COHORT.keys]
    assert maps.count("was not measured") == 2
    assert "Malignant: in the lesion 70 % (52 to 83); in lesions of other images 20 %<" in maps
    assert "Benign: in the lesion 16 % (8 to 29), not shown to be above chance; in" in maps
    assert "In the lesion: how often the strongest field lay in the outlined lesion" in maps
    assert maps.count("data-heat-strength") == 1
    assert "heat-maps" not in sent(measured, f"/{COHORT}")


def test_a_value_that_the_form_does_not_send_is_refused(portal: Portal) -> None:
    page = sent(portal, f"/{KEY}", explain="perhaps")
    assert "in the field &#39;explain&#39;" in page
    assert "data-heat-layer" not in page


def test_a_heat_map_does_not_tell_the_verdict_to_whoever_reads_first(portal: Portal) -> None:
    page = sent(portal, f"/{KEY}", explain="yes", read_first="yes")
    assert page.count("data-heat-layer") == 1
    assert page.index("data-heat-layer") > page.index("data-sealed")
    page = sent(portal, f"/{COHORT}", explain="yes", read_first="yes")
    assert page.index("data-heat-layer") > page.index("data-sealed")


def test_programs_have_the_same_heat_map(portal: Portal) -> None:
    def asked(**fields: str) -> dict[str, Any]:
        data = {"image": (io.BytesIO(png()), "a.png"), **fields}
        answer = portal.client.post(f"/api/v1/models/{KEY}/predict", data=data)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json
        return found

    assert asked()["heat_map"] is None
    answer = asked(explain="yes")
    assert answer["heat_map"]["label"] == answer["label"]
    assert answer["heat_map"]["fields"] == "28 x 28"
    assert answer["heat_map"]["png"] in sent(portal, f"/{KEY}", explain="yes")


@pytest.mark.slow
@pytest.mark.parametrize("key", COHORT.keys, ids=str)
@pytest.mark.parametrize(("precision", "apart"), [("f32", 1e-4), ("bf16", 0.02)])
def test_the_head_of_a_shipped_model_leads_to_its_answer(
    key: ModelKey, precision: Precision, apart: float
) -> None:
    path = SHIPPED / key.checkpoint
    network, explainer = (
        CompiledNetwork(compiled(read_layers(path), precision)),
        Explainer.read(path),
    )
    for seed in range(4):
        look = network.look(pixels(seed, (224, 224))[np.newaxis].astype(np.float32))
        again = explainer.probability(look.features)
        assert again == pytest.approx(look.probability, abs=apart)
        assert explainer.heat_map(look.features, positive=True).fields == look.features.shape[1:]
