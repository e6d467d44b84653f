"""The pages that are only read: from one to the next, as a reader goes, on every screen."""

import csv
import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

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


def shaded(region: Locator) -> tuple[bool, bool]:
    """Whether the left and the right edge of a region that scrolls are shaded."""
    page = region.page
    page.wait_for_timeout(300)  # until it stands still
    with Image.open(io.BytesIO(region.screenshot())) as shot:
        seen = shot.convert("L")
    # Between the left shade and the right one, in the region's own padding, is the plain ground.
    row = [seen.getpixel((x, 4)) for x in (2, seen.width // 2, seen.width - 3)]
    return abs(row[0] - row[1]) > 8, abs(row[2] - row[1]) > 8


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
    page = visit("/study/report", scripts=scripts, width=390)
    table = page.get_by_role("region", name="Table 2", exact=True)
    table.focus()
    expect(table).to_be_focused()
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert table.evaluate("box => box.scrollLeft") > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/study/report", "Table 2"),
        ("/api", "Code 1"),
        ("/study/report", "Figure 1"),
        (f"/notebooks/{KEY.modality.key}", "Code 2"),
    ],
    ids=["table", "code", "figure", "notebook"],
)
def test_an_edge_behind_which_something_goes_on_is_shaded_but_not_in_print(
    visit: Visit, path: str, name: str, theme: str
) -> None:
    page = visit(path, width=390, theme=theme)
    region = page.get_by_role("region", name=name, exact=True)
    region.scroll_into_view_if_needed()
    assert shaded(region) == (False, True)
    region.evaluate("box => box.scrollTo({left: 40, behavior: 'instant'})")
    assert shaded(region) == (True, True)
    region.evaluate("box => box.scrollTo({left: box.scrollWidth, behavior: 'instant'})")
    assert shaded(region) == (True, False)

    page.emulate_media(media="print")
    assert region.evaluate("box => getComputedStyle(box).backgroundImage") == "none"


@pytest.mark.parametrize("touch", [False, True], ids=["pointer", "finger"])
@pytest.mark.parametrize("width", [320, 390, 768, 900, 1180, 1280])
def test_the_longest_name_of_a_model_fits_its_field(visit: Visit, width: int, touch: bool) -> None:
    page = visit("/study/compare", width=width, touch=touch)
    page.wait_for_load_state()
    for select in page.get_by_role("combobox").all():
        room, needed = select.evaluate(
            """select => {
              const style = getComputedStyle(select);
              const names = [...select.options].map(option => option.text);
              const probe = document.createElement("div");
              probe.textContent = names.reduce((a, b) => a.length < b.length ? b : a);
              const arrow = 20;  // Chromium's
              const around = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
              probe.style.font = style.font;
              probe.style.lineHeight = "normal";  // as Chromium has it in such a field
              probe.style.whiteSpace = style.whiteSpace;
              probe.style.position = "absolute";
              probe.style.width = `${select.clientWidth - around - arrow}px`;
              document.body.append(probe);
              const high = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
              return [
                [probe.clientWidth, select.clientHeight - high],
                [probe.scrollWidth, probe.scrollHeight],
              ];
            }"""
        )
        assert needed[0] <= room[0]
        assert needed[1] <= room[1]
        assert width < 480 or select.evaluate("select => select.clientHeight") < 44  # one line
    assert overflow(page) == 0
    form, main = (page.locator(part).bounding_box() for part in (".pair-form", ".page-head"))
    assert form
    assert main
    assert form["x"] == main["x"]
