"""A whole film or slide image: what is asked, what may be sent, and what is said of it."""

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.test import TestResponse

from models.catalogue import MODALITIES, Cohort, ModelKey, WholeModality, cohorts
from models.specs import ModalitySpec
from tests.conftest import Portal
from tests.fakes import encoded, fake_gate, pixels, write_gates
from tests.functional.described import description_of, held
from tests.functional.pages import banners, text, verdicts
from tests.functional.serving import ROOT

LARGE = pixels(size=(90, 70)).repeat(10, axis=0).repeat(10, axis=1)  # 900 x 700, small as a file
SQUARE = {"left": "420", "top": "100", "side": "256"}
WORDS = "256 x 256 pixels from left 420, top 100 of a 900 x 700 image"
REGION = {"left": 420, "top": 100, "side": 256, "width": 900, "height": 700}

PARTED = [each for each in MODALITIES.values() if each.region]
UNPARTED = [each for each in MODALITIES.values() if not each.region]


def first(modality: ModalitySpec) -> ModelKey:
    return next(each for each in cohorts() if each.modality == modality).keys[0]


def compared(modality: ModalitySpec) -> Cohort:
    return next(each for each in cohorts() if each.modality == modality)


def pages(modality: ModalitySpec) -> tuple[str, ...]:
    every = WholeModality(modality=modality)
    return f"/{first(modality)}", f"/{compared(modality)}", f"/{every}"


def addresses(modality: ModalitySpec) -> tuple[str, ...]:
    model = f"/api/v1/models/{first(modality)}/predict"
    return model, f"/api/v1/compare/{modality.key}"


def send(client: FlaskClient, page: str, picture: np.ndarray, **fields: str) -> TestResponse:
    data = {"image": (io.BytesIO(encoded(picture)), "a.png"), **fields}
    return client.post(page, data=data)


each_page = pytest.mark.parametrize("page", [p for each in PARTED for p in pages(each)])
each_address = pytest.mark.parametrize("place", [p for each in PARTED for p in addresses(each)])
each_single = pytest.mark.parametrize("page", [pages(each)[0] for each in PARTED])


@each_page
def test_a_large_image_is_not_shrunk_unasked(portal: Portal, page: str) -> None:
    answer = send(portal.client, page, LARGE)
    assert answer.status_code == 200
    assert "shows more than what the models read" in banners(answer.text)[0]
    assert "<title>Choose: " in answer.text
    assert not verdicts(answer.text)
    for field in ("left", "top", "side"):
        assert re.search(rf'<input type="number" id="{field}" name="{field}"', answer.text)
    assert "Your image, 900 x 700 pixels, reduced." in text(answer.text)
    assert portal.uploads() == []


@each_page
def test_a_square_is_analysed_and_told(portal: Portal, page: str) -> None:
    answer = send(portal.client, page, LARGE, extent="square", **SQUARE)
    assert verdicts(answer.text)
    assert not banners(answer.text)
    assert text(answer.text).count(WORDS) == 3  # by picture and verdict, and among the checks
    cut = send(portal.client, page, LARGE[100:356, 420:676])
    assert verdicts(answer.text) == verdicts(cut.text)


@each_page
def test_the_whole_is_shrunk_when_asked_and_the_answer_says_so(portal: Portal, page: str) -> None:
    answer = send(portal.client, page, LARGE, extent="whole", **SQUARE)
    assert verdicts(answer.text)
    assert "The whole image of 900 x 700 pixels was shrunk to 224 x 224, as asked" in text(
        answer.text
    )
    assert 'data-testid="gate-warning"' in answer.text


@each_page
@pytest.mark.parametrize("field", ["left", "top"])
def test_a_square_outside_is_refused_and_can_be_moved(
    portal: Portal, page: str, field: str
) -> None:
    answer = send(portal.client, page, LARGE, extent="square", **{**SQUARE, field: "645"})
    assert "does not lie inside the image" in banners(answer.text)[0]
    assert not verdicts(answer.text)
    assert re.search(rf'name="{field}"[^>]* value="645"', answer.text)


@pytest.mark.parametrize("modality", UNPARTED, ids=lambda each: each.key)
def test_what_is_read_whole_is_not_asked_about(portal: Portal, modality: ModalitySpec) -> None:
    for page in pages(modality):
        assert verdicts(send(portal.client, page, LARGE).text)
        refused = send(portal.client, page, LARGE, **SQUARE)
        assert "are read whole" in banners(refused.text)[0]
        assert 'name="left"' not in refused.text


@each_page
def test_a_saved_result_says_which_square(portal: Portal, page: str) -> None:
    answer = send(portal.client, page, LARGE, extent="square", **SQUARE).text
    (report,) = re.findall(r'name="result" value="([^"]*)"', answer)
    form = {"result": unescape(report)}
    document = portal.client.post("/report.json", data=form).json
    assert document["input"]["region"] == REGION
    assert f"Analysed: {WORDS}" in document["input"]["checks"]
    paper = PdfReader(io.BytesIO(portal.client.post("/report.pdf", data=form).data))
    assert WORDS in " ".join(paper.pages[0].extract_text().split())


@each_address
def test_a_program_is_asked_alike(portal: Portal, place: str) -> None:
    answer = send(portal.client, place, LARGE)
    assert answer.status_code == 422
    assert answer.json["type"] == "/api#region-needed"
    assert "extent=whole" in answer.json["action"]
    described = description_of(portal)
    path = "/api/v1/compare/{modality}" if "compare" in place else "/api/v1/models/{model}/predict"
    answer = send(portal.client, place, LARGE, **SQUARE)
    assert answer.json["region"] == REGION
    assert f"Analysed: {WORDS}" in answer.json["checks"]
    held(described, path, "post", answer)
    answer = send(portal.client, place, LARGE, extent="whole")
    assert answer.json["region"] is None
    assert "was shrunk to 224 x 224, as asked" in answer.json["checks"][-1]


@each_address
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({**SQUARE, "left": "645"}, 422),
        ({**SQUARE, "extent": "whole"}, 400),
        ({**SQUARE, "extent": "sweep"}, 400),
        ({"extent": "sweep"}, 400),
        ({"extent": "square"}, 400),
        ({"left": "1"}, 400),
        ({**SQUARE, "side": "-3"}, 400),
    ],
)
def test_a_program_that_errs_is_told(
    portal: Portal, place: str, fields: dict[str, str], status: int
) -> None:
    answer = send(portal.client, place, LARGE, **fields)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@each_single
@pytest.mark.parametrize(
    ("picture", "side", "words", "absent"),
    [
        (LARGE, "699", "of 699 x 699 pixels, 350 apart, each checked", "farther than half"),
        (LARGE[:, :700], "700", "1 of 700 x 700 pixels, checked", "1 squares"),
    ],
)
def test_the_spacing_of_squares_is_told_as_it_is(
    portal: Portal, page: str, picture: np.ndarray, side: str, words: str, absent: str
) -> None:
    places = {"left": "0", "top": "0", "side": side}
    shown = text(send(portal.client, page, picture, extent="sweep", **places).text)
    assert words in shown
    assert absent not in shown


@each_single
def test_a_map_shows_every_square_and_the_highest_can_be_sent(portal: Portal, page: str) -> None:
    answer = send(portal.client, page, LARGE, extent="sweep", **SQUARE)
    assert answer.status_code == 200
    assert not banners(answer.text)
    head, doctype, _ = answer.text.partition("<!doctype html>")
    assert doctype
    steps = re.findall(r"<!--(\d+)/(\d+)-->", head)
    (squares,) = re.findall(r'data-squares="(\d+)"', answer.text)
    assert len(steps) == int(squares) == int(steps[0][1])
    assert "A map is no verdict." in text(answer.text)
    assert "would be expected to reach the threshold all the same" in text(answer.text)
    assert portal.uploads() == []

    (highest,) = re.findall(r'data-highest="([\d.]+)"', answer.text)
    places = {
        name: re.search(rf'name="{name}"[^>]* value="(\d+)"', answer.text)[1]
        for name in ("left", "top", "side")
    }
    alone = send(portal.client, page, LARGE, extent="square", **places)
    assert verdicts(alone.text)[0].probability == float(highest)


@each_single
def test_a_map_waits_behind_the_readers_own_reading(portal: Portal, page: str) -> None:
    answer = send(portal.client, page, LARGE, extent="sweep", read_first="yes").text
    assert "<summary>Show the map</summary>" in answer
    before, _, sealed = answer.partition("data-sealed")
    assert 'data-testid="map"' not in before
    assert 'data-testid="map"' in sealed
    side = int(re.search(r'name="side"[^>]* value="(\d+)"', answer)[1])
    assert re.search(rf'name="left"[^>]* value="{(900 - side) // 2}"', answer)  # tells nothing


@pytest.mark.parametrize("modality", PARTED, ids=lambda each: each.key)
def test_a_comparison_is_not_mapped(portal: Portal, modality: ModalitySpec) -> None:
    _, *places = pages(modality)
    for page in places:
        asked = send(portal.client, page, LARGE).text
        assert "Map the whole image" not in asked
        assert "A map of the whole image is made with one model, on its own page" in text(asked)
        assert f'href="/{first(modality)}"' in asked
        refused = send(portal.client, page, LARGE, extent="sweep")
        assert "A field of the form cannot be used" in banners(refused.text)[0]


@each_single
def test_anyway_is_not_carried_to_another_square(portal: Portal, page: str) -> None:
    for fields in ({}, SQUARE, {"extent": "sweep"}):
        assert 'name="anyway"' not in send(portal.client, page, LARGE, anyway="yes", **fields).text


@each_single
def test_the_square_that_was_placed_stays_while_a_reading_is_to_come(
    portal: Portal, page: str
) -> None:
    places = {"left": "100", "top": "50", "side": "400"}
    answer = send(portal.client, page, LARGE, extent="sweep", read_first="yes", **places).text
    for name, value in places.items():
        assert re.search(rf'name="{name}"[^>]* value="{value}"', answer)


def test_a_large_image_that_is_refused_can_be_read_in_part(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path
) -> None:
    strict = write_gates(tmp_path / "gates", coloured=(0.0, 0.0))
    client = make_portal(installed, gates=strict).client
    for page in (page for each in PARTED for page in pages(each)):
        answer = send(client, page, LARGE).text
        assert "Place the square on what is to be read" in banners(answer)[0]
        assert 'name="left"' in answer
        assert 'name="anyway" value="yes">' in answer
    for modality in PARTED:
        place = f"/api/v1/models/{first(modality)}/map"
        action = send(client, place, LARGE).json["action"]
        assert action.startswith("Send predict or compare the left, top and side of the square")


def test_a_whole_that_came_small_is_not_shrunk_unasked(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path
) -> None:
    whole = replace(fake_gate(PARTED[0].key).profiles[0], name="whole film")
    far = replace(whole, name="crop", mean=tuple(value + 9.0 for value in whole.mean))
    client = make_portal(installed, gates=write_gates(tmp_path, profiles=(far, whole))).client
    small = pixels(size=(400, 300))
    for page in (page for each in PARTED for page in pages(each)):
        answer = send(client, page, small).text
        assert "400 x 300 pixels that looks like a whole film" in banners(answer)[0]
        assert not verdicts(answer)
        assert 'name="left"' in answer
        asked = send(client, page, small, extent="whole").text
        assert verdicts(asked)
        assert "This looks like a whole film" in text(asked)
        assert "of 100 images" not in text(asked)
        assert 'name="left"' in asked  # what the warning tells to do can be done here
        assert verdicts(send(client, page, small, left="9", top="9", side="200").text)
    for place in (place for each in PARTED for place in addresses(each)):
        answer = send(client, place, small)
        assert (answer.status_code, answer.json["type"]) == (422, "/api#region-needed")
        assert send(client, place, small, extent="whole").status_code == 200


@each_single
def test_what_is_wrong_with_wishes_is_told_apart(portal: Portal, page: str) -> None:
    """So that the script leaves the page, with the chosen file, as it is."""
    answer = send(portal.client, page, LARGE, extent="sweep", answer="dicom-sr").text
    assert "A field of the form cannot be used" in banners(answer)[0]
    assert "data-stays" in answer
    assert "data-stays" not in send(portal.client, page, LARGE).text


@pytest.mark.parametrize("modality", PARTED, ids=lambda each: each.key)
def test_a_program_gets_the_map_of_the_page(portal: Portal, modality: ModalitySpec) -> None:
    place = f"/api/v1/models/{first(modality)}/map"
    answer = send(portal.client, place, LARGE)
    document = held(description_of(portal), "/api/v1/models/{model}/map", "post", answer)
    page = send(portal.client, pages(modality)[0], LARGE, extent="sweep").text
    assert f'data-squares="{len(document["squares"])}"' in page
    assert f'data-reaching="{document["reaching"]}"' in page
    assert f'data-highest="{document["highest"]["probability"]:.4f}"' in page
    assert " ".join(document["meaning"].split()) in text(page)
    assert document["meaning"].startswith("A map is no verdict. ")
    (numbers,) = re.findall(r'href="data:text/csv;charset=utf-8,([^"]*)"', page)
    rows = list(csv.DictReader(io.StringIO(unquote(numbers))))
    for row, square in zip(rows, document["squares"], strict=True):
        assert (row["left"], row["top"]) == (str(square["left"]), str(square["top"]))
        assert float(row["probability"]) == square["probability"]
        assert row["reaches"] == str(int(square["reaches"]))
        assert (row["sha256"], row["fingerprint"]) == (
            document["input"]["sha256"],
            document["fingerprint"],
        )
    assert (document["width"], document["height"]) == (900, 700)
    assert portal.uploads() == []

    for square in (document["squares"][0], document["highest"]):
        fields = {"left": str(square["left"]), "top": str(square["top"])}
        place = addresses(modality)[0]
        alone = send(portal.client, place, LARGE, **fields, side=str(document["side"])).json
        assert alone["probability"] == square["probability"]
        assert alone["positive"] == square["reaches"]


@pytest.mark.parametrize("modality", PARTED, ids=lambda each: each.key)
@pytest.mark.parametrize(
    ("fields", "status", "kind"),
    [
        ({"side": "20"}, 422, "too-many-squares"),
        ({"side": "701"}, 422, "square-outside"),
        ({"side": "-3"}, 400, "field-refused"),
        ({"extent": "sweep"}, 400, "unknown-field"),
        ({"extent": "whole"}, 400, "unknown-field"),
        ({"left": "1"}, 400, "unknown-field"),
        ({"explain": "yes"}, 400, "unknown-field"),
        ({"answer": "dicom-sr"}, 400, "unknown-field"),
    ],
)
def test_a_program_is_told_why_there_is_no_map(
    portal: Portal, modality: ModalitySpec, fields: dict[str, str], status: int, kind: str
) -> None:
    answer = send(portal.client, f"/api/v1/models/{first(modality)}/map", LARGE, **fields)
    assert answer.status_code == status
    assert answer.json["type"] == f"/api#{kind}"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"side": "20"}, "Send a larger side, or send predict the left, top and side of the "),
        ({"side": "701"}, "Send another side: it is that of each square of the map"),
    ],
)
def test_a_refused_map_names_nothing_that_its_address_refuses(
    portal: Portal, fields: dict[str, str], words: str
) -> None:
    answer = send(portal.client, f"/api/v1/models/{first(PARTED[0])}/map", LARGE, **fields)
    assert answer.json["action"].startswith(words)


def test_a_map_names_its_fields_and_the_one_that_came(portal: Portal) -> None:
    place = f"/api/v1/models/{first(PARTED[0])}/map"
    problem = send(portal.client, place, LARGE, left="1").json
    assert problem["expected"] == "fields among image, anyway, frame, side"
    assert problem["received"] == "the field 'left'"


@pytest.mark.parametrize("modality", UNPARTED, ids=lambda each: each.key)
def test_what_is_read_whole_is_not_mapped(portal: Portal, modality: ModalitySpec) -> None:
    answer = send(portal.client, f"/api/v1/models/{first(modality)}/map", LARGE)
    assert answer.status_code == 422
    assert answer.json["type"] == "/api#no-maps"
    assert "Ask for one verdict" in answer.json["action"]


@pytest.mark.parametrize("option", [(), ("--whole",)], ids=["asked nothing", "whole"])
def test_an_archive_says_which_images_were_too_large(
    portal: Portal, tmp_path: Path, option: tuple[str, ...]
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "film.png").write_bytes(encoded(LARGE))
    key, out = first(PARTED[0]), tmp_path / "results.csv"
    settings = portal.settings
    command = ["score", "images", "--model", str(key), "--out", str(out), "--processes", "1"]
    subprocess.run(
        [sys.executable, "-m", "portal", *command, *option],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "CHECKPOINTS": str(settings.checkpoints),
            "GATES": str(settings.gates),
            "CACHE_DIR": str(settings.cache_folder),
        },
        check=True,
        capture_output=True,
    )
    (row,) = csv.DictReader(out.read_text("utf-8").splitlines())
    assert bool(row["label"]) == bool(option)
    assert ("shows more than what the models read" in row["reason"]) != bool(option)
