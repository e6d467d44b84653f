"""A result is taken home from its page, and from nowhere else."""

import hashlib
import io
import json
import re
from collections.abc import Callable
from html import unescape

import jsonschema
import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from models.catalogue import comparisons, model_keys
from portal.settings import PROJECT
from tests.conftest import Portal
from tests.fakes import png
from tests.functional.pages import banners, text, verdicts

SCHEMA = json.loads((PROJECT / "docs" / "result.schema.json").read_text("utf-8"))
PLACES = [model_keys()[0].slug, *(each.slug for each in comparisons()[2::3])]
NAME = "Mrs_Example_1950.png"
each_place = pytest.mark.parametrize("place", PLACES)


def answered(portal: Portal, place: str, **fields: str) -> str:
    data = {"image": (io.BytesIO(png()), NAME), **fields}
    return portal.client.post(f"/{place}", data=data).text


def carried(page: str) -> str:
    (token,) = re.findall(r'name="result" value="([^"]+)"', page)
    return unescape(token)


def saved(portal: Portal, page: str, kind: str) -> TestResponse:
    return portal.client.post(f"/report.{kind}", data={"result": carried(page)})


@each_place
def test_json_says_what_the_page_says(portal: Portal, place: str) -> None:
    page = answered(portal, place)
    answer = saved(portal, page, "json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    document = json.loads(answer.data)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert document["input"]["sha256"] == hashlib.sha256(png()).hexdigest()
    said = [(each["model"], each["verdict"], each["label"]) for each in document["models"]]
    assert said == [(shown.model, shown.word, shown.label) for shown in verdicts(page)]
    for each, shown in zip(document["models"], verdicts(page), strict=True):
        assert each["probability"] == pytest.approx(shown.probability, abs=1e-4)
        assert each["fingerprint"] in page or len(document["models"]) > 1
    assert f"data:image/png;base64,{document['input']['prepared_png']}" in page


@each_place
def test_pdf_is_one_page_of_the_same(portal: Portal, place: str) -> None:
    page = answered(portal, place)
    answer = saved(portal, page, "pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    (sheet,) = PdfReader(io.BytesIO(answer.data)).pages
    read = " ".join(sheet.extract_text().split())
    assert hashlib.sha256(png()).hexdigest() in read
    assert all(shown.model in read and shown.word in read for shown in verdicts(page))


@each_place
def test_a_heat_map_that_was_asked_for_is_in_both_files(portal: Portal, place: str) -> None:
    page = answered(portal, place, explain="yes")
    document = json.loads(saved(portal, page, "json").data)
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert all(each["heat_map"] for each in document["models"])
    sheets = PdfReader(io.BytesIO(saved(portal, page, "pdf").data)).pages
    assert len(sheets) <= 2
    assert re.search("Where the models? looked", "".join(each.extract_text() for each in sheets))


@pytest.mark.parametrize("kind", ["pdf", "json"])
def test_the_file_has_a_neutral_name_and_is_not_stored(portal: Portal, kind: str) -> None:
    answer = saved(portal, answered(portal, PLACES[0]), kind)
    disposition = answer.headers["Content-Disposition"]
    assert re.fullmatch(
        rf"attachment; filename=breast-imaging-result-\d{{8}}T\d{{6}}Z\.{kind}", disposition
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"Example" not in answer.data
    assert portal.uploads() == []


@pytest.mark.parametrize("kind", ["pdf", "json"])
@pytest.mark.parametrize("form", [{}, {"result": "forged"}, {"results": "x"}], ids=str)
def test_what_no_page_gave_is_refused(portal: Portal, kind: str, form: dict[str, str]) -> None:
    answer = portal.client.post(f"/report.{kind}", data=form)
    assert answer.status_code == 400
    (banner,) = banners(answer.text)
    assert "This result cannot be saved" in banner
    assert "forged" not in banner


def test_a_changed_result_is_refused(portal: Portal) -> None:
    token = carried(answered(portal, PLACES[0]))
    other = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    assert portal.client.post("/report.pdf", data={"result": other}).status_code == 400


def test_another_portal_refuses_unless_it_shares_the_key(
    make_portal: Callable[..., Portal], portal: Portal
) -> None:
    folder, key = portal.settings.checkpoints, "k" * 32
    one, two = (make_portal(folder, secret_key=key) for _ in range(2))
    stranger = make_portal(folder)
    page = answered(one, PLACES[0])
    assert saved(two, page, "json").status_code == 200
    assert saved(stranger, page, "json").status_code == 400
    assert key not in repr(one.settings)


@pytest.mark.parametrize("kind", ["pdf", "json"])
def test_a_report_is_no_page_to_visit(portal: Portal, kind: str) -> None:
    assert portal.client.get(f"/report.{kind}").status_code == 405


def test_a_page_without_a_verdict_has_nothing_to_save(portal: Portal) -> None:
    empty = portal.client.get(f"/{PLACES[0]}").text
    refused = portal.client.post(
        f"/{PLACES[0]}", data={"image": (io.BytesIO(b"words"), "a.png")}
    ).text
    assert 'name="result"' not in empty + refused


@each_place
def test_who_reads_first_finds_the_verdict_folded(portal: Portal, place: str) -> None:
    page = answered(portal, place, read_first="yes")
    head, _, rest = page.partition("<details")
    fold, _, _ = rest.partition("Checks of the input")
    words = {shown.word for shown in verdicts(page)}
    assert len(verdicts(fold)) == len(verdicts(page)) > 0
    assert carried(fold)
    (title,) = re.findall(r"<title>(.*?)</title>", page, flags=re.DOTALL)
    assert title.startswith("Answered: ")
    assert not words & set(title.split())
    assert "You asked to read first" in text(head)
    for name in ("reading", "note"):  # in no form, so never sent
        assert name not in re.findall(
            r'name="([^"]+)"', "".join(re.findall(r"<form.*?</form>", page, re.DOTALL))
        )
    assert 'data-testid="verdict"' not in head


def test_the_box_stays_ticked_after_a_refusal(portal: Portal) -> None:
    data = {"image": (io.BytesIO(b"words"), "a.png"), "read_first": "yes"}
    page = portal.client.post(f"/{PLACES[0]}", data=data).text
    assert banners(page)
    assert re.search(r'name="read_first" value="yes" checked', page)


def test_a_box_says_yes_or_nothing(portal: Portal) -> None:
    page = answered(portal, PLACES[0], read_first="perhaps")
    assert "'yes' or nothing in the field 'read_first'" in " ".join(banners(page))
    assert not verdicts(page)
