"""The study's figures, numbers, cards and pairs, asked for as a reader does."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from models.card import ModelCard
from models.catalogue import cohorts, model_keys
from models.checkpoint import read_card
from models.later_notes import NAME
from portal.figures.tables import FIGURES
from tests.conftest import Portal
from tests.fakes import fake_gate, write_checkpoints
from tests.functional.pages import banners, text

KEY = model_keys()[0]
FIRST, SECOND, *_ = cohorts()[0].keys
PAIR = f"a={FIRST}&b={SECOND}"
KNOWN = ("density", "kind")  # attributes of the fake subgroups
HEADINGS = [  # of Mitchell et al., "Model cards for model reporting", 2019
    "Model details",
    "Intended use",
    "Factors",
    "Metrics",
    "Evaluation data",
    "Training data",
    "Quantitative analyses",
    "Ethical considerations",
    "Caveats and recommendations",
]


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_a_drawing_and_a_table(portal: Portal, figure: str) -> None:
    drawing = portal.client.get(f"/study/{KEY}/{figure}.svg")
    assert drawing.mimetype == "image/svg+xml"
    assert drawing.headers["Content-Disposition"].endswith(".svg")
    root = ET.fromstring(drawing.text)
    titles = root.findall("{http://www.w3.org/2000/svg}title")
    assert titles
    assert not re.search(r"class=|var\(|style=|<script", drawing.text)

    numbers = portal.client.get(f"/study/{KEY}/{figure}.csv")
    assert numbers.mimetype == "text/csv"
    assert len(list(csv.reader(io.StringIO(numbers.text)))) > 1


def test_a_page_links_the_files_of_all_its_figures(portal: Portal) -> None:
    page = portal.client.get(f"/study/{KEY}").text
    links = {unescape(link) for link in re.findall(r'href="([^"]*)" download', page)}
    assert {link.partition("?")[0] for link in links} == {
        *(f"/study/{KEY}/{figure}.{kind}" for figure in FIGURES for kind in ("svg", "csv")),
        *(f"/study/{KEY}/subgroups/{name}.{kind}" for name in KNOWN for kind in ("svg", "csv")),
        f"/study/{KEY}/thresholds.csv",
    }
    for link in links:
        assert portal.client.get(link).status_code == 200


def test_files_are_of_the_threshold_of_their_page(portal: Portal) -> None:
    page = portal.client.get(f"/study/{KEY}?threshold=0.37").text
    assert f'href="/study/{KEY}/confusion.csv?threshold=0.37"' in page
    numbers = portal.client.get(f"/study/{KEY}/confusion.csv?threshold=0.37").text
    assert [row.split(",")[3] for row in numbers.splitlines()] == ["images", "40", "19", "3", "26"]
    assert "threshold 0.37" in portal.client.get(f"/study/{KEY}/roc.svg?threshold=0.37").text


def test_every_threshold_is_in_one_table(portal: Portal) -> None:
    rows = list(csv.DictReader(io.StringIO(portal.client.get(f"/study/{KEY}/thresholds.csv").text)))
    assert [row["threshold"] for row in rows] == [str(step / 100) for step in range(1, 100)]
    assert (rows[36]["true_positive"], rows[36]["false_positive"]) == ("26", "19")
    assert float(rows[36]["recall_low"]) < float(rows[36]["recall"]) < 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/study/{KEY}/roc.svg?threshold=2", 400),
        (f"/study/{KEY}/roc.csv?point=nearest", 400),
        (f"/study/{KEY}/nothing.svg", 404),
        (f"/study/{KEY}/roc.png", 404),
        ("/study/nobody/roc.svg", 404),
        ("/study/nobody/card", 404),
        ("/study/compare.svg", 400),
        (f"/study/compare.csv?a={FIRST}&b={FIRST}", 400),
    ],
)
def test_what_is_not_there_is_said(portal: Portal, address: str, status: int) -> None:
    answer = portal.client.get(address)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("name", ["roc.svg", "roc.csv", "thresholds.csv", "card.json"])
def test_a_model_that_is_not_installed_has_no_files(
    make_portal: Callable[..., Portal], tmp_path: Path, name: str
) -> None:
    answer = make_portal(tmp_path).client.get(f"/study/{KEY}/{name}")
    assert answer.status_code == 404
    assert "not installed" in banners(answer.text)[0]


def test_a_card_is_read_under_the_usual_headings(portal: Portal) -> None:
    answer = portal.client.get(f"/study/{KEY}/card")
    assert re.findall(r'<h2 id="[^"]*">([^<]*)</h2>', answer.text) == HEADINGS
    assert "Subgroups: by density of nothing, kind of nothing" in text(answer.text)
    assert f'href="/study/{KEY}/card.json" download' in answer.text
    assert f'href="/study/{KEY}/card"' in portal.client.get(f"/study/{KEY}").text


def test_a_card_is_a_file_that_is_a_card_and_what_was_measured_of_its_gate(portal: Portal) -> None:
    answer = portal.client.get(f"/study/{KEY}/card.json")
    document = dict(answer.json)
    gate = document.pop("input_gate")
    assert document.pop("later_notes") == []
    card = ModelCard.from_json(json.dumps(document))
    assert card.key == KEY
    assert json.loads(card.to_json()) == document
    assert card.fingerprint in answer.headers["Content-Disposition"]
    assert gate["problem"] is None
    measured = fake_gate(KEY.modality.key).held_out["image"]
    assert gate["measured"]["held_out"] == {
        "refused": measured.refused,
        "total": measured.total,
        "kinds": {"image": asdict(measured)},
    }


def test_what_became_known_since_stands_in_the_file_beside_the_card(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    folder = write_checkpoints(tmp_path / "checkpoints", [KEY])
    card = read_card(folder / KEY.checkpoint)
    (tmp_path / NAME).write_text(json.dumps({card.fingerprint: ["Noted."]}), "utf-8")
    document = make_portal(folder).client.get(f"/study/{KEY}/card.json").get_json()
    assert document["later_notes"] == ["Noted."]
    assert document["limitations"] == list(card.limitations)


def test_a_card_that_is_not_installed_is_a_banner(
    make_portal: Callable[..., Portal], tmp_path: Path
) -> None:
    assert len(banners(make_portal(tmp_path).client.get(f"/study/{KEY}/card").text)) == 1


def test_two_models_are_compared(portal: Portal) -> None:
    answer = portal.client.get(f"/study/compare?{PAIR}")
    shown = text(answer.text)
    assert not banners(answer.text)
    assert 'data-apart="no"' in answer.text  # the fake areas are all alike
    assert "cannot tell the two apart" in shown
    assert "such tests by DeLong's count" in shown
    assert f"Two models compared on {FIRST.modality.title.lower()}" in shown
    assert answer.text.count(" selected>") == 2
    (drawing,) = re.findall(r'href="([^"]*\.svg[^"]*)" download', answer.text)
    ET.fromstring(portal.client.get(unescape(drawing)).text)
    numbers = portal.client.get(f"/study/compare.csv?{PAIR}").text
    assert {row.split(",")[0] for row in numbers.splitlines()[1:]} == {str(FIRST), str(SECOND)}


@pytest.mark.parametrize("query", ["a=nobody&b=nobody", f"a={FIRST}&b={FIRST}", "a=%3Cscript%3E"])
def test_a_pair_that_cannot_be_is_a_banner(portal: Portal, query: str) -> None:
    answer = portal.client.get(f"/study/compare?{query}")
    assert answer.status_code == 200
    assert len(banners(answer.text)) == 1
    assert "<script>" not in answer.text


def test_readers_find_the_comparison(portal: Portal) -> None:
    assert 'href="/study/compare"' in portal.client.get("/study").text
    page = portal.client.get(f"/study/{KEY}").text
    assert f'href="/study/compare?a={KEY}"' in page
    assert not banners(portal.client.get(f"/study/compare?a={KEY}").text)
