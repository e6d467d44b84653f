"""The subgroups of a model's page and card, as a reader without scripts sees them."""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from models.catalogue import model_keys
from tests.conftest import Portal
from tests.functional.pages import banners, text

KEY = model_keys()[0]
MODELS = Path(__file__).parents[2] / "models"
NONE = "Subgroups None: this card has numbers for all 88 test images together"


def rows(portal: Portal, query: str = "") -> list[dict[str, str]]:
    answer = portal.client.get(f"/study/{KEY}/subgroups/density.csv{query}")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_every_model_has_its_subgroups(portal: Portal, key: object) -> None:
    page = portal.client.get(f"/study/{key}").text
    assert page.count('data-testid="subgroup-table"') == 2
    assert page.count('data-testid="subgroup-verdict"') == 2
    assert "Density of nothing" in page
    assert not banners(page)


def test_subgroups_add_up_to_the_whole(portal: Portal) -> None:
    fatty, dense = rows(portal)
    assert (fatty["subgroup"], dense["subgroup"]) == ("fatty", "dense")
    assert int(fatty["negative"]) + int(dense["negative"]) == 59
    assert int(fatty["positive"]) + int(dense["positive"]) == 29
    assert int(fatty["true_positive"]) + int(dense["true_positive"]) == 26
    assert int(fatty["true_negative"]) + int(dense["true_negative"]) == 47
    for row in (fatty, dense):
        assert float(row["roc_auc_low"]) < float(row["roc_auc"]) < float(row["roc_auc_high"])


def test_they_are_those_of_the_threshold(portal: Portal) -> None:
    assert {row["threshold"] for row in rows(portal, "?threshold=0.37")} == {"0.37"}
    assert sum(int(row["true_negative"]) for row in rows(portal, "?threshold=0.37")) == 40
    page = portal.client.get(f"/study/{KEY}?threshold=0.37").text
    assert f'href="/study/{KEY}/subgroups/density.svg?threshold=0.37"' in page
    assert "The same threshold, 0.37, in parts of the 88 test images" in text(page)


def test_the_figure_is_a_drawing_of_its_own(portal: Portal) -> None:
    drawing = portal.client.get(f"/study/{KEY}/subgroups/density.svg")
    assert drawing.mimetype == "image/svg+xml"
    assert "_subgroups-density_" in drawing.headers["Content-Disposition"]
    assert not re.search(r"class=|var\(|style=|<script", drawing.text)
    words = " ".join(ET.fromstring(drawing.text).itertext())
    assert "Density of nothing, test images, threshold 0.41" in words
    assert "fatty (" in words


def test_what_is_not_known_is_a_dash_with_its_reason(portal: Portal) -> None:
    page = text(portal.client.get(f"/study/{KEY}").text)
    assert "one 3 0 3 \u2013 no such image" in page
    assert "fewer than 5 of a label" in page
    assert "It is not known of 85 test images, which are left out." in page


def test_the_card_has_them_too(portal: Portal) -> None:
    page = portal.client.get(f"/study/{KEY}/card").text
    assert page.count('data-testid="subgroup-table"') == 2
    assert "Subgroups at threshold 0.41" in text(page)


@pytest.mark.parametrize("name", ["nothing.svg", "nothing.csv", "%3Cscript%3E.svg", "density.png"])
def test_an_attribute_that_does_not_exist_is_not_found(portal: Portal, name: str) -> None:
    answer = portal.client.get(f"/study/{KEY}/subgroups/{name}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text


class TestWithoutATable:
    @pytest.fixture
    def models(self, installed: Path, tmp_path: Path) -> Path:
        """A copy of the models folder, to be damaged."""
        return Path(shutil.copytree(installed.parent, tmp_path / "models"))

    def shown(self, make_portal: Callable[..., Portal], models: Path) -> str:
        page = make_portal(models / "checkpoints").client.get(f"/study/{KEY}").text
        assert not banners(page)
        return text(page)

    def test_a_page_says_so_plainly(self, make_portal: Callable[..., Portal], models: Path) -> None:
        shutil.rmtree(models / "subgroups")
        assert NONE in self.shown(make_portal, models)
        card = make_portal(models / "checkpoints").client.get(f"/study/{KEY}/card").text
        assert "Subgroups: none are reported" in text(card)
        answer = make_portal(models / "checkpoints").client.get(
            f"/study/{KEY}/subgroups/density.csv"
        )
        assert answer.status_code == 404
        assert "a model with known subgroups" in text(answer.text)

    def test_so_does_it_for_the_table_of_other_images(
        self,
        make_portal: Callable[..., Portal],
        models: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        legend = models / "subgroups" / f"{KEY.modality.key}.json"
        raw = json.loads(legend.read_text("utf-8"))
        legend.write_text(json.dumps(raw | {"split_sha256": "1" * 64}), "utf-8")
        assert NONE in self.shown(make_portal, models)
        assert "not that of the images" in caplog.text

    @pytest.mark.parametrize("ending", ["csv", "json"])
    def test_and_for_a_damaged_one(
        self,
        make_portal: Callable[..., Portal],
        models: Path,
        caplog: pytest.LogCaptureFixture,
        ending: str,
    ) -> None:
        (models / "subgroups" / f"{KEY.modality.key}.{ending}").write_bytes(b"\xff")
        assert NONE in self.shown(make_portal, models)
        assert "has no subgroups" in caplog.text


def test_published_models_have_published_subgroups(make_portal: Callable[..., Portal]) -> None:
    published = make_portal(MODELS / "checkpoints")
    tables = {path.stem for path in (MODELS / "subgroups").glob("*.csv")}
    for key in model_keys():
        if key.modality.key in tables:
            page = published.client.get(f"/study/{key}").text
            assert 'data-testid="subgroup-table"' in page
