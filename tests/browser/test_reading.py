"""Reading first, and taking a result home."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, overflow, send

pytestmark = pytest.mark.browser


def asked_to_read(page: Page, picture: Path) -> Page:
    page.get_by_label("Let me read the image first").check()
    send(page, picture)
    return page


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("place", [KEY, COHORT], ids=str)
def test_the_verdict_waits_for_the_reading(
    visit: Visit, picture: Path, place: object, width: int
) -> None:
    page = asked_to_read(visit(f"/{place}", width=width), picture)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    button = page.get_by_role("button", name="Show the verdict")

    expect(page.locator("#reading-heading")).to_be_focused()
    expect(page.locator(VERDICT).first).to_be_hidden()
    expect(page.get_by_role("button", name="Save as PDF")).to_be_hidden()
    expect(page).to_have_title(re.compile("^Answered: "))
    expect(button).to_be_disabled()
    page.get_by_label("Note, if you like").fill("Ill-defined margin <b>")
    page.get_by_label(KEY.modality.labels[0], exact=True).check()
    button.click()

    expect(page.locator(VERDICT).first).to_be_visible()
    beside = page.get_by_test_id("reading")
    expect(beside).to_contain_text(f"You read {KEY.modality.labels[0]}")
    expect(beside).to_contain_text("model")
    expect(beside).to_contain_text("Your note: Ill-defined margin <b>")
    expect(beside).to_be_focused()
    expect(page.locator("[data-reading]")).to_have_count(0)
    assert overflow(page) == 0
    assert sent == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 360), (320, 256)])
def test_what_was_read_is_in_sight_beside_the_verdict(
    visit: Visit, picture: Path, width: int, height: int
) -> None:
    page = visit(f"/{KEY}", width=width)
    page.set_viewport_size({"width": width, "height": height})
    asked_to_read(page, picture)
    page.get_by_label(KEY.modality.labels[0], exact=True).check()
    page.get_by_role("button", name="Show the verdict").click()
    expect(page.get_by_test_id("reading")).to_be_focused()
    expect(page.get_by_test_id("reading")).to_be_in_viewport()


def test_without_scripts_the_reader_opens_the_verdict(visit: Visit, picture: Path) -> None:
    page = asked_to_read(visit(f"/{KEY}", scripts=False), picture)

    expect(page.locator(VERDICT)).to_be_hidden()
    expect(page.locator("[data-reading]")).to_be_hidden()
    expect(page.get_by_text("You asked to read first")).to_be_visible()
    page.locator("summary", has_text="Show the verdict").click()
    expect(page.locator(VERDICT)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_result_is_saved(visit: Visit, picture: Path, scripts: bool) -> None:
    page = visit(f"/{KEY}", scripts=scripts)
    send(page, picture)
    word = page.locator(VERDICT).get_attribute("data-word")
    with page.expect_download() as pdf:
        page.get_by_role("button", name="Save as PDF").click()
    with page.expect_download() as text:
        page.get_by_role("button", name="Save as JSON").click()

    assert pdf.value.suggested_filename.startswith("breast-imaging-result-")
    (sheet,) = PdfReader(pdf.value.path()).pages
    assert word in sheet.extract_text()
    document = json.loads(text.value.path().read_text("utf-8"))
    assert document["models"][0]["verdict"] == word
    expect(page.locator(VERDICT)).to_be_visible()
    if scripts:
        (note,) = page.locator("[data-saved]").all()  # of the later file
        expect(note).to_contain_text(text.value.suggested_filename)
        expect(note).to_be_focused()


def test_a_result_that_cannot_be_saved_is_not_lost(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}", quiet=False)
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()
    title = page.title()
    page.context.set_offline(True)
    page.get_by_role("button", name="Save as PDF").click()

    expect(page.locator(BANNER)).to_contain_text("The result is still in this page.")
    expect(page.locator(BANNER)).to_be_focused()
    expect(page.locator(VERDICT)).to_be_visible()
    assert page.title() == title

    page.context.set_offline(False)
    with page.expect_download():
        page.get_by_role("button", name="Save as PDF").click()
    expect(page.locator(BANNER)).to_have_count(0)
    assert page.title() == title


def test_a_proxy_without_its_portal_does_not_take_the_result_away(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}", quiet=False)
    send(page, picture)
    page.route("**/report*", lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.get_by_role("button", name="Save as PDF").click()

    expect(page.locator(BANNER)).to_contain_text("The result is still in this page.")
    expect(page.locator(VERDICT)).to_be_visible()


def test_a_result_that_the_portal_fails_to_save_stays_beside_the_reason(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}", quiet=False)
    send(page, picture)
    button = page.get_by_role("button", name="Save as JSON")
    button.evaluate("button => { button.formAction = '/nowhere'; }")
    button.click()

    expect(page.locator(BANNER)).to_contain_text("There is no such page")
    expect(page.locator(VERDICT)).to_be_visible()


def test_a_result_that_the_portal_refuses_to_save_stays_beside_the_reason(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}", quiet=False)
    send(page, picture)
    page.locator("form.save input").evaluate("field => { field.value = 'spoiled'; }")
    page.get_by_role("button", name="Save as JSON").click()

    expect(page.locator(BANNER)).to_be_focused()
    expect(page.locator(VERDICT)).to_be_visible()
