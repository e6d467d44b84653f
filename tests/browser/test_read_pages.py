"""The pages that are only read: from one to the next, as a reader goes, on every screen."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from models.catalogue import MODALITIES
from tests.browser.conftest import Visit
from tests.browser.pages import KEY, overflow

pytestmark = pytest.mark.browser

each_width = pytest.mark.parametrize("width", [390, 1280])
each_way = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def heading(page: Page) -> str:
    page.wait_for_load_state()  # what follows is counted, which waits for nothing
    return page.get_by_role("heading", level=1).inner_text()


def in_sight(page: Page, anchor: str) -> None:
    """What an address leads to is seen, and not hidden behind something."""
    page.wait_for_timeout(50)
    box = page.locator(f"[id='{anchor}']").bounding_box()
    assert box is not None
    assert -1 <= box["y"] < 844


def follow_contents(page: Page) -> None:
    """Every entry of a list of contents leads to its heading."""
    links = page.get_by_role("navigation", name="Contents").get_by_role("link")
    assert links.count() > 2
    for link in links.all():
        anchor = (link.get_attribute("href") or "").removeprefix("#")
        link.click()
        in_sight(page, anchor)


@each_width
@each_way
def test_about_leads_to_every_document_and_back(visit: Visit, scripts: bool, width: int) -> None:
    page = visit("/about", scripts=scripts, width=width)
    places = [
        link.get_attribute("href") or "" for link in page.locator("main a[href^='/about/']").all()
    ]
    assert len(places) > 2
    for place in places:
        page.locator(f"main a[href='{place}']").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("About this portal")
        assert len(page.locator("main .report").inner_text()) > 300, place
        assert overflow(page) == 0
        page.get_by_role("link", name="About").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("About this portal")


@each_width
@each_way
def test_the_api_is_told_chapter_by_chapter(visit: Visit, scripts: bool, width: int) -> None:
    page = visit("/", scripts=scripts, width=width)
    page.get_by_role("contentinfo").get_by_role("link", name="JSON API").click()
    assert heading(page) == "JSON API"
    follow_contents(page)
    assert overflow(page) == 0
    kinds = page.get_by_role("region", name="Kinds of problems")
    assert kinds.locator("tbody tr").count() > 5
    described = page.request.get(
        page.get_by_role("link", name="Its description").get_attribute("href") or ""
    )
    assert described.json()["openapi"].startswith("3.1")


@each_width
@each_way
def test_a_model_of_the_study_is_read_from_its_list_of_contents(
    visit: Visit, scripts: bool, width: int
) -> None:
    page = visit("/study/vgg_ultrasound_finetuned", scripts=scripts, width=width)
    follow_contents(page)
    assert overflow(page) == 0


@each_width
@each_way
def test_the_report_is_read_and_its_figures_are_seen(
    visit: Visit, scripts: bool, width: int
) -> None:
    page = visit("/", scripts=scripts, width=width)
    page.get_by_role("contentinfo").get_by_role("link", name="Report of the study").click()
    assert heading(page) == "Report of the study"
    follow_contents(page)
    figures = page.locator("main img")
    assert figures.count() > 0
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_js_property("complete", True)
        assert figure.get_attribute("alt")
        box = figure.bounding_box()
        assert box is not None
        assert box["width"] > 100
        assert box["height"] > 100
    assert overflow(page) == 0


@each_width
@each_way
def test_every_notebook_is_reached_and_shows_code_and_figures(
    visit: Visit, scripts: bool, width: int
) -> None:
    for spec in MODALITIES.values():
        page = visit("/notebooks", scripts=scripts, width=width)
        page.get_by_role("main").get_by_role("link", name=spec.title).click()
        assert heading(page) == f"{spec.title}: from images to a model"
        assert page.get_by_role("region", name="Code 2", exact=True).is_visible()
        assert page.locator(".output img").count() > 0
        assert overflow(page) == 0


@each_width
@each_way
def test_the_study_leads_to_a_model_its_subgroups_and_its_card(
    visit: Visit, scripts: bool, width: int
) -> None:
    page = visit("/study", scripts=scripts, width=width)
    page.locator(f"main a[href='/study/{KEY}']").first.click()
    subgroups = page.locator("section[aria-labelledby=subgroups]").first
    expect(subgroups.get_by_test_id("subgroup-table")).to_have_count(2)
    expect(subgroups.get_by_test_id("subgroups-density").locator("svg")).to_be_visible()
    with page.expect_download() as numbers:
        subgroups.get_by_role("link", name="CSV of density of nothing").click()
    rows = list(csv.DictReader(io.StringIO(numbers.value.path().read_text("utf-8"))))
    assert [row["subgroup"] for row in rows] == ["fatty", "dense"]
    with page.expect_download() as drawing:
        subgroups.get_by_role("link", name="SVG of density of nothing").click()
    assert drawing.value.path().read_text("utf-8").startswith("<svg")
    assert overflow(page) == 0

    page.get_by_role("link", name="Model card").click()
    assert heading(page) == "Model card"
    expect(page.get_by_test_id("subgroup-table")).to_have_count(2)
    assert overflow(page) == 0
    with page.expect_download() as card:
        page.get_by_role("link", name="Download the card as JSON").click()
    assert re.search(r"\.json$", card.value.suggested_filename)


@each_way
def test_tables_that_are_too_wide_are_scrolled_by_keyboard(visit: Visit, scripts: bool) -> None:
    page = visit(f"/study/{KEY}", scripts=scripts, width=390)
    table = page.get_by_role("region", name="Subgroups: Density of nothing")
    table.focus()
    expect(table).to_be_focused()
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert table.evaluate("box => box.scrollLeft") > 0
