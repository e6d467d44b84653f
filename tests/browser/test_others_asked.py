"""What the other models say of an image, beside the answer of one."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from models.catalogue import Cohort
from tests.browser.accessibility import violations
from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, overflow, send

pytestmark = pytest.mark.browser

BUTTON = re.compile("models trained this way agree")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_others_answer_beside_the_verdict(visit: Visit, picture: Path, width: int) -> None:
    assert Cohort(modality=KEY.modality, strategy=KEY.strategy) == COHORT
    page = visit(f"/{KEY}", width=width)
    send(page, picture)
    own = page.locator(VERDICT).get_attribute("data-probability")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    page.get_by_role("button", name=BUTTON).click()

    expect(page.get_by_role("heading", name="The 3 models trained this way")).to_be_focused()
    expect(page.get_by_test_id("agreement")).to_be_visible()
    assert [request.url.endswith(f"/{COHORT}") for request in sent] == [True]
    asked = page.locator(f"[data-others] {VERDICT}")
    expect(asked).to_have_count(len(COHORT.keys))
    again = page.locator(f"[data-others] [data-model={KEY}]")
    assert again.get_attribute("data-probability") == own
    expect(page.get_by_role("button", name=BUTTON)).to_have_count(0)
    expect(page.get_by_role("heading", name="Checks of the input")).to_have_count(1)
    expect(page.get_by_text("How good these models are")).to_be_visible()
    assert page.url.endswith(f"/{KEY}")
    assert overflow(page) == 0
    assert violations(page) == []


def test_while_the_others_read_it_is_said_and_the_focus_stays(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    send(page, picture)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/{COHORT}", hold)
    page.get_by_role("button", name=BUTTON).press("Enter")
    button = page.get_by_role("button", name="The models are reading the image")
    expect(button).to_be_focused()
    expect(button).to_be_disabled()
    expect(page.locator("[data-others]")).to_have_attribute("aria-busy", "true")
    button.press("Enter")
    held[0].continue_()
    expect(page.get_by_role("heading", name="The 3 models trained this way")).to_be_focused()
    expect(page.locator("[data-others]")).not_to_have_attribute("aria-busy", "true")
    assert len(held) == 1


def test_a_reading_comes_before_the_others_too(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    page.get_by_label("Let me read the image first").check()
    send(page, picture)
    expect(page.get_by_role("button", name=BUTTON)).to_be_hidden()
    page.get_by_label(KEY.modality.labels[0], exact=True).check()
    page.get_by_role("button", name="Show the verdict").click()

    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_test_id("agreement")).to_be_visible()


def test_a_portal_that_is_gone_is_said_beside_the_verdict(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}", quiet=False)
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()
    title = page.title()
    page.context.set_offline(True)
    page.get_by_role("button", name=BUTTON).click()

    expect(page.locator(BANNER)).to_contain_text("The portal could not be reached")
    expect(page.locator(VERDICT)).to_be_visible()
    assert page.title() == title
    page.context.set_offline(False)
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_test_id("agreement")).to_be_visible()
    expect(page.locator(BANNER)).to_have_count(0)
    assert page.title() == title


def test_a_file_that_is_gone_is_asked_about_all_the_same(
    visit: Visit, picture: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(picture, tmp_path / "gone.png"))
    page = visit(f"/{KEY}")
    send(page, file)
    file.unlink()
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_test_id("agreement")).to_be_visible()


def test_what_the_portal_refuses_is_said_beside_the_verdict(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}", quiet=False)
    send(page, picture)
    page.locator("[data-others]").evaluate("place => { place.dataset.others = '/nowhere'; }")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.locator(BANNER)).to_contain_text("There is no such page")
    expect(page.locator(BANNER)).to_be_focused()
    expect(page.locator(VERDICT)).to_be_visible()


def test_without_scripts_nothing_is_offered_that_could_not_be_done(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}", scripts=False)
    send(page, picture)
    expect(page.get_by_role("button", name=BUTTON)).to_be_hidden()
    expect(page.get_by_role("link", name="All 3 with one upload").first).to_be_visible()


LATE = pytest.mark.parametrize(
    ("button", "asked"),
    [(BUTTON, f"**/{COHORT}"), ("Save as PDF", "**/report.pdf")],
    ids=["the others", "a saved result"],
)


def _held(page: Page, picture: Path, button: str, asked: str) -> Route:
    """What was asked of an image that is answered, on its way."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(asked, hold)
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()
    with page.expect_request(asked):
        page.get_by_role("button", name=button).click()
    return held[0]


@LATE
def test_what_was_asked_of_an_earlier_image_says_nothing_beside_a_later_page(
    visit: Visit, picture: Path, no_picture: Path, button: str, asked: str
) -> None:
    page = visit(f"/{KEY}", quiet=False)
    late = _held(page, picture, button, asked)
    page.set_input_files("input[name=image]", no_picture)
    with page.expect_response(f"**/{KEY}"):
        page.get_by_role("button", name="Analyse another image").click()
    refused = page.locator(BANNER)
    expect(refused).to_contain_text("is not an image that can be read here")
    with page.expect_event("requestfailed"):
        late.abort()
    page.wait_for_timeout(500)  # in which it would be said
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("is not an image that can be read here")


@LATE
def test_what_was_asked_of_an_earlier_image_takes_no_refusal_of_a_later_one_away(
    visit: Visit, picture: Path, button: str, asked: str
) -> None:
    page = visit(f"/{KEY}", quiet=False)
    late = _held(page, picture, button, asked)
    page.route(f"**/{KEY}", lambda route: route.abort())
    page.set_input_files("input[name=image]", picture)
    page.get_by_role("button", name="Analyse another image").click()
    refused = page.locator(BANNER)
    expect(refused).to_be_focused()
    with page.expect_event("requestfinished"):
        late.continue_()
    page.wait_for_timeout(500)  # in which it would be shown
    expect(refused).to_contain_text("could not be reached")
    expect(refused).to_be_focused()
    assert page.title().startswith("Refused: ")
