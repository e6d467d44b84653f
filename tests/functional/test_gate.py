"""The gates that are shipped, in front of all pages."""

import io
import re
from collections.abc import Callable
from dataclasses import asdict
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.catalogue import MODALITIES, cohorts
from models.gate import Gate
from pipelines.phantoms import phantom
from portal.figures.numbers import count
from portal.settings import PROJECT
from tests.conftest import Portal
from tests.fakes import encoded, fake_gate, pixels, write_gates
from tests.functional.pages import banners, text, verdicts

SHIPPED = PROJECT / "models" / "gates"
COHORTS = {cohort.modality.key: cohort for cohort in cohorts()}
GUARDED = [key for key in MODALITIES if (SHIPPED / Gate.place(key)).is_file()]
DAMAGES = ("absent", "cut", "changed")
each_modality = pytest.mark.parametrize("modality", GUARDED)


@pytest.fixture(scope="module")
def guarded(make_portal: Callable[..., Portal], installed: Path) -> Portal:
    """A portal with the gates of the project."""
    return make_portal(installed, gates=SHIPPED)


def send(client: FlaskClient, page: str, picture: np.ndarray, **fields: str) -> TestResponse:
    data = {"image": (io.BytesIO(encoded(picture)), "a.png"), **fields}
    return client.post(page, data=data)


def pages(modality: str) -> tuple[str, str]:
    cohort = COHORTS[modality]
    return f"/{cohort.keys[0]}", f"/{cohort}"


def foreign_pictures() -> dict[str, np.ndarray]:
    random = np.random.default_rng(5)
    rows = np.linspace(0, 255, 300).astype(np.uint8)
    gradient = np.repeat(np.repeat(rows[:, None, None], 300, axis=1), 3, axis=2)
    page = np.full((400, 300, 3), 250, np.uint8)
    page[40:360:20, 30:270] = 20
    return {
        "coloured": pixels(),
        "noise": np.repeat(random.integers(0, 256, (256, 256, 1), dtype=np.uint8), 3, axis=2),
        "gradient": gradient,
        "lines": page,
        "blank": np.full((256, 256, 3), 90, np.uint8),
    }


@each_modality
@pytest.mark.parametrize("kind", foreign_pictures())
def test_another_kind_of_image_is_refused_with_a_picture(
    guarded: Portal, modality: str, kind: str
) -> None:
    for address in pages(modality):
        page = send(guarded.client, address, foreign_pictures()[kind]).text
        assert len(banners(page)) == 1
        assert not verdicts(page)
        assert 'data-testid="gate"' in page
        assert "Distance of this image to the training images" in page
        assert 'name="anyway"' in page
    assert guarded.uploads() == []


@each_modality
def test_going_on_is_an_explicit_wish_and_the_answer_says_so(
    guarded: Portal, modality: str
) -> None:
    picture = foreign_pictures()["noise"]
    for address in pages(modality):
        page = send(guarded.client, address, picture, anyway="yes").text
        assert verdicts(page)
        assert not banners(page)
        assert "Analysed anyway." in text(page)
        assert "may mean nothing" in text(page)
        assert "of 100 images with this model probability" not in text(page)
        assert 'data-testid="gate-warning"' in page
        assert "Warning: Refused by the check of the input: " in text(page)


@each_modality
def test_a_program_is_refused_alike_and_may_go_on_alike(guarded: Portal, modality: str) -> None:
    picture = foreign_pictures()["noise"]
    key = COHORTS[modality].keys[0]
    for address in (f"/api/v1/models/{key}/predict", f"/api/v1/compare/{modality}"):
        answer = send(guarded.client, address, picture)
        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
        answer = send(guarded.client, address, picture, anyway="yes")
        assert answer.status_code == 200
        (warning,) = answer.json["warnings"]
        assert warning.startswith("Analysed anyway.")
        assert answer.json["checks"][-1] == warning


@pytest.mark.parametrize("ask", ["models/{key}/predict", "models/{key}/map", "compare/{modality}"])
def test_a_program_is_warned_where_nothing_was_checked(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path, ask: str
) -> None:
    ungated = make_portal(installed, gates=tmp_path)
    key = COHORTS["mammography"].keys[0]
    address = f"/api/v1/{ask.format(key=key, modality='mammography')}"
    answer = send(ungated.client, address, phantom("mammography", 1, 3))
    (warning,) = answer.json["warnings"]
    assert warning.startswith("It could not be checked whether")
    assert answer.json["checks"][-1] == warning


def test_the_saved_result_says_so_too(guarded: Portal) -> None:
    for address in pages("ultrasound"):
        page = send(guarded.client, address, foreign_pictures()["noise"], anyway="yes").text
        (report,) = re.findall(r'name="result" value="([^"]*)"', page)
        answer = guarded.client.post("/report.json", data={"result": unescape(report)})
        assert answer.json["input"]["checks"][-1].startswith("Analysed anyway.")
        assert answer.json["input"]["warnings"] == answer.json["input"]["checks"][-1:]
        assert {model["expectation"] for model in answer.json["models"]} == {None}


def test_a_box_that_is_ticked_for_a_good_image_changes_nothing(portal: Portal) -> None:
    address, _ = pages("ultrasound")
    page = send(portal.client, address, pixels(), anyway="yes").text
    assert verdicts(page)
    assert "Analysed anyway" not in page
    assert "of 100 images with this model probability" in text(page)
    assert "Compared with 270 training images" in text(page)


@each_modality
@pytest.mark.parametrize("other", MODALITIES)
def test_another_modality_is_refused(guarded: Portal, modality: str, other: str) -> None:
    if other != modality:
        address, _ = pages(modality)
        assert banners(send(guarded.client, address, phantom(other, 1, 3)).text)


def spoil(file: Path, damage: str) -> None:
    """Make the file of a gate one that cannot be used."""
    whole = file.read_text("utf-8")
    if damage == "absent":
        file.unlink()
    elif damage == "cut":
        file.write_text(whole[:-100], "utf-8")
    else:
        file.write_text(whole.replace('"least_side":', '"least_side":1'), "utf-8")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_gate_that_cannot_be_used_is_told_on_pages_and_by_readiness(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path, damage: str
) -> None:
    gates = write_gates(tmp_path / "gates")
    file = gates / Gate.place("ultrasound")
    spoil(file, damage)
    portal = make_portal(installed, gates=gates)
    for address in pages("ultrasound"):
        page = send(portal.client, address, pixels()).text
        assert verdicts(page)
        assert "could not be checked whether this is an image of ultrasound" in text(page)
    ready = portal.client.get("/readyz")
    assert ready.status_code == 503
    count = len(MODALITIES)
    (check,) = [check for check in ready.json["checks"] if check["name"] == "gates"]
    assert check["detail"].startswith(f"{count - 1} of {count} gates in use; ultrasound: ")
    file.write_text(fake_gate("ultrasound").to_json(), "utf-8")
    assert portal.client.get("/readyz").status_code == 200
    assert "could not be checked" not in send(portal.client, pages("ultrasound")[0], pixels()).text


@each_modality
def test_what_was_measured_is_shown(guarded: Portal, modality: str) -> None:
    gate = Gate.from_json((SHIPPED / Gate.place(modality)).read_text("utf-8"))
    refused, total = gate.all_foreign
    key = COHORTS[modality].keys[0]
    for address in (f"/{modality}", f"/study/{key}", f"/study/{key}/card"):
        page = guarded.client.get(address).text
        told = f"The check refused {count(refused)} of {count(total)} images of other things"
        assert told.replace("\u202f", " ") in text(page)
        assert ("dark lie, colour)" in text(page)) is ("coloured" in gate.names)
        assert 'data-testid="gate-table"' in page
    measured = guarded.client.get(f"/study/{key}/card.json").json["input_gate"]["measured"]
    assert measured["foreign"] == {
        "refused": refused,
        "total": total,
        "kinds": {kind: asdict(share) for kind, share in gate.foreign.items()},
    }


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_gate_of_which_nothing_is_known_is_told_beside_the_models(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path, damage: str
) -> None:
    gates = write_gates(tmp_path / "gates")
    spoil(gates / Gate.place("ultrasound"), damage)
    client = make_portal(installed, gates=gates).client
    key = COHORTS["ultrasound"].keys[0]
    for address in ("/ultrasound", f"/study/{key}", f"/study/{key}/card"):
        page = client.get(address).text
        assert "It is not installed, or its file is damaged" in text(page)
        assert 'data-testid="gate-table"' not in page
    told = client.get(f"/study/{key}/card.json").json["input_gate"]
    assert told["measured"] is None
    assert "python -m pipelines gate" in told["problem"]


def test_refusals_are_counted_by_their_reason(guarded: Portal) -> None:
    send(guarded.client, pages("ultrasound")[0], foreign_pictures()["coloured"])
    counted = guarded.client.get("/metrics").text
    assert 'reason="ColouredImage"' in counted


@pytest.mark.parametrize("is_there", [True, False])
def test_the_page_for_several_images_says_when_nothing_is_checked(
    make_portal: Callable[..., Portal], installed: Path, tmp_path: Path, is_there: bool
) -> None:
    gates = write_gates(tmp_path / "gates")
    if not is_there:
        (gates / Gate.place(GUARDED[0])).unlink()
    page = make_portal(installed, gates=gates).client.get(f"/several/{GUARDED[0]}").text
    assert ("It cannot be checked whether images are of" in page) != is_there
