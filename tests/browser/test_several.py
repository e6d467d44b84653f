"""Many images, one after another, and the table of what is said of them."""

import csv
import io
import shutil
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Dialog, Page, Route, expect

from portal.scoring.row import COLUMNS
from tests.browser.accessibility import violations
from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, drop, overflow, space_text
from tests.browser.test_sign_in import sign_in

pytestmark = pytest.mark.browser

PLACE = f"/several/{KEY.modality.key}"
ONE = f"/api/v1/models/{KEY}/predict"
ALL = f"/api/v1/compare/{KEY.modality.key}/{KEY.strategy.key}"


@pytest.fixture
def pictures(picture: Path, tmp_path: Path) -> list[Path]:
    """Three images of one content, one with a name that a spreadsheet would compute."""
    names = ("first.png", '=2+3,"x".png', "third.png")
    return [Path(shutil.copy(picture, tmp_path / name)) for name in names]


def start(page: Page, files: list[Path], asked: str = ALL) -> None:
    page.get_by_label("Ask").select_option(asked)
    page.set_input_files("#images", files)
    page.get_by_role("button", name="Analyse images").click()


def summary(page: Page) -> str:
    """What is said of all, when nothing goes on any more."""
    page.locator("[data-working]").wait_for(state="hidden")
    return page.get_by_test_id("summary").inner_text()


def saved(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the table as CSV").click()
    text = Path(waiting.value.path()).read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("width", [390, 1280])
def test_the_table_says_what_the_api_says(
    visit: Visit, address: str, pictures: list[Path], no_picture: Path, width: int
) -> None:
    page = visit(PLACE, width=width, quiet=False)  # a browser notes each status 422
    start(page, [*pictures, no_picture])

    assert summary(page).startswith("4 images: ")
    assert summary(page).endswith(", 1 refused.")
    expect(page.locator("#answers")).to_be_focused()
    rows = page.locator("[data-rows] tr")
    expect(rows).to_have_count(4)
    with pictures[0].open("rb") as image:
        document = requests.post(f"{address}{ALL}", files={"image": image}, timeout=60).json()
    expect(rows.first).to_contain_text(document["agreement"])
    expect(rows.first.locator(".interval").last).to_contain_text("range ")
    expect(rows.last).to_contain_text("is not an image that can be read here")
    assert overflow(page) == 0

    lines = saved(page)
    assert tuple(lines[0]) == COLUMNS
    assert [line["file"] for line in lines[::3]] == [
        "first.png",
        './=2+3,"x".png',
        "third.png",
        "text.png",
    ]
    for line, told in zip(lines[:3], document["models"], strict=True):
        answer = told["answer"]
        assert line["model"] == answer["model"]
        assert line["fingerprint"] == answer["fingerprint"]
        assert float(line["probability"]) == answer["probability"]
        assert float(line["calibrated_probability"]) == answer["calibrated_probability"]
        assert float(line["threshold"]) == answer["threshold"]["value"]
        assert (line["label"], line["verdict"]) == (answer["label"], answer["verdict"])
        assert line["sha256"] == document["input"]["sha256"]
        assert line["precision"] == "f32"
        assert line["reason"] == ""
    for line in lines[9:]:
        assert line["label"] == ""
        assert "is not an image that can be read here. Expected" in line["reason"]
    assert {line["model"] for line in lines[9:]} == {str(key) for key in COHORT.keys}


def test_no_name_of_a_file_is_sent(visit: Visit, pictures: list[Path]) -> None:
    page = visit(PLACE)
    page.evaluate(
        """() => {
          const ask = window.fetch;
          window.sent = [];
          window.fetch = (address, how) => {
            for (const [name, file] of how.body) window.sent.push([address, name, file.name]);
            return ask(address, how);
          };
        }"""
    )
    start(page, pictures, ONE)

    assert summary(page).startswith("3 images: 3 ")
    assert page.evaluate("window.sent") == [[ONE, "image", "image.png"]] * 3
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_it_goes_on_where_it_was_stopped(visit: Visit, pictures: list[Path]) -> None:
    page = visit(PLACE)
    held: list[Route] = []
    asked: list[str] = []

    def hold_the_second(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 2:
            held.append(route)
        else:
            route.continue_()

    page.route(f"**{ONE}", hold_the_second)
    start(page, pictures, ONE)
    expect(page.locator("[data-rows] tr").nth(1)).to_contain_text("Being read")
    expect(page.locator("[data-step]")).to_have_text("Image 2 of 3")
    expect(page.locator("#images")).to_be_disabled()
    page.get_by_role("button", name="Stop").click()

    assert summary(page).endswith(", 2 not read yet.")
    assert len(saved(page)) == 1
    page.get_by_role("button", name="Go on with the rest").click()
    assert summary(page).startswith("3 images: 3 ")
    assert len(asked) == 4
    assert len(saved(page)) == 3


def test_whoever_went_elsewhere_meanwhile_is_left_there(visit: Visit, pictures: list[Path]) -> None:
    page = visit(PLACE)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**{ONE}", hold)
    page.get_by_label("Ask").select_option(ONE)
    page.set_input_files("#images", pictures[:1])
    page.get_by_role("button", name="Analyse images").focus()
    for _ in range(3):  # held down: that does not stop what it began
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    about = page.get_by_role("contentinfo").get_by_role("link").first
    about.focus()
    held[0].continue_()
    assert summary(page).startswith("1 image: 1 ")
    expect(page.locator("[data-announce]")).to_contain_text("All images are read.")
    expect(about).to_be_focused()


def test_a_busy_portal_is_asked_again(visit: Visit, pictures: list[Path]) -> None:
    page = visit(PLACE, quiet=False)
    asked: list[str] = []

    def be_busy_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"title": "Busy"})
        else:
            route.continue_()

    page.route(f"**{ONE}", be_busy_once)
    start(page, pictures[:1], ONE)
    expect(page.locator("[data-step]")).to_contain_text("busy")
    expect(page.locator("[data-announce]")).to_contain_text("the next try is in 1 second")
    assert summary(page).startswith("1 image: 1 ")
    assert len(asked) == 2


def test_a_number_is_not_written_as_the_limit_below_which_it_lies(
    visit: Visit, pictures: list[Path]
) -> None:
    answer = {
        "verdict": "Uncertain",
        "label": "Tumor Detected",
        "positive": True,
        "calibrated_probability": 0.4996,
        "threshold": {"value": 0.4, "calibrated_value": 0.3},
    }
    page = visit(PLACE)
    page.route(f"**{ONE}", lambda route: route.fulfill(json=answer))
    start(page, pictures[:1], ONE)
    assert summary(page) == "1 image: 1 Uncertain."
    row = page.locator("[data-rows] tr")
    expect(row.locator("td").last).to_have_text("0.4996")
    expect(row).to_contain_text("leans to Tumor Detected")


def test_a_comparison_of_which_one_model_is_there_is_told_as_a_comparison(
    visit: Visit, pictures: list[Path]
) -> None:
    page = visit(PLACE)
    page.locator(f"option[value='{ALL}']").evaluate(
        """option => {
          option.dataset.models = JSON.stringify(JSON.parse(option.dataset.models).slice(0, 1));
        }"""
    )
    start(page, pictures)
    assert summary(page).startswith("3 images: models ")


def test_a_portal_that_is_gone_leaves_the_table(visit: Visit, pictures: list[Path]) -> None:
    page = visit(PLACE, quiet=False)
    start(page, pictures[:1], ONE)
    assert summary(page).startswith("1 image: 1 ")
    page.on("dialog", lambda dialog: dialog.accept())  # that the table was not saved
    page.context.set_offline(True)
    start(page, pictures, ONE)

    expect(page.locator(BANNER)).to_contain_text("The portal could not be reached")
    expect(page.locator(BANNER)).to_be_focused()
    assert summary(page) == "3 images: 3 not read yet."
    page.context.set_offline(False)
    page.get_by_role("button", name="Go on with the rest").click()
    assert summary(page).startswith("3 images: 3 ")
    expect(page.locator(BANNER)).to_have_count(0)
    assert page.title().startswith("Several images")


def test_a_table_that_was_not_saved_is_asked_for(visit: Visit, pictures: list[Path]) -> None:
    page = visit(PLACE)
    start(page, pictures, ONE)
    summary(page)
    asked: list[str] = []

    def decline(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", decline)
    start(page, pictures[:1], ONE)
    assert asked == ["The table was not saved. Begin another one?"]
    assert len(saved(page)) == 3
    start(page, pictures[:1], ONE)
    assert summary(page).startswith("1 image: 1 ")
    assert len(asked) == 1


def test_a_file_that_is_gone_or_too_large_is_a_row(
    visit: Visit, picture: Path, tmp_path: Path
) -> None:
    page = visit(PLACE)
    gone = Path(shutil.copy(picture, tmp_path / "gone.png"))
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    page.get_by_label("Ask").select_option(ONE)
    page.set_input_files("#images", [gone, large, picture])
    gone.unlink()
    page.get_by_role("button", name="Analyse images").click()

    assert summary(page).endswith(", 2 refused.")
    rows = page.locator("[data-rows] tr")
    expect(rows.nth(0)).to_contain_text("This file could not be read")
    expect(rows.nth(1)).to_contain_text("Expected at most 32 MiB; received about 33.0 MiB.")
    alone = page.get_by_role("link", name="the page for one image")
    expect(alone).to_have_attribute("href", f"/{KEY}")


def test_whoever_is_signed_out_goes_on_later(guarded_visit: Visit, pictures: list[Path]) -> None:
    page = guarded_visit(PLACE, quiet=False)
    sign_in(page)
    page.wait_for_url(f"**{PLACE}")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    start(page, pictures, ONE)

    expect(page.locator(BANNER)).to_contain_text("You are not signed in any more")
    page.context.add_cookies(cookies)
    page.get_by_role("button", name="Go on with the rest").click()
    assert summary(page).startswith("3 images: 3 ")


def test_files_may_be_dropped(visit: Visit, picture: Path) -> None:
    page = visit(PLACE)
    drop(page, picture)
    page.get_by_role("button", name="Analyse images").click()
    assert summary(page).startswith("1 image: ")


def test_the_answers_are_accessible(visit: Visit, pictures: list[Path], no_picture: Path) -> None:
    page = visit(PLACE, width=390, quiet=False)
    start(page, [*pictures, no_picture])
    summary(page)
    assert violations(page) == []


def test_the_answers_do_not_stick_out_of_a_narrow_page(
    visit: Visit, pictures: list[Path], no_picture: Path
) -> None:
    page = visit(PLACE, width=320, quiet=False)
    start(page, [*pictures, no_picture])
    summary(page)
    assert overflow(page) == 0
    space_text(page)
    assert overflow(page) == 0


def test_without_scripts_another_way_is_named(visit: Visit) -> None:
    page = visit(PLACE, scripts=False)
    expect(page.get_by_role("link", name="Scoring a folder")).to_be_visible()
    expect(page.get_by_role("button", name="Analyse images")).to_be_hidden()
