"""The slider of a model's page, beside what the server says of the same threshold."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.pages import KEY, overflow

pytestmark = pytest.mark.browser

PAGE = f"/study/{KEY}"
NUMBERS = """() => {
  const words = selector => [...document.querySelectorAll(selector)].map(each => each.textContent);
  const mark = name => {
    const circle = document.querySelector(`[data-testid=${name}] [data-mark] circle`);
    const lines = document.querySelectorAll(`[data-testid=${name}] [data-mark] line`);
    const ends = [...lines].flatMap(line =>
      ["x1", "x2", "y1", "y2"].map(end => line.getAttribute(end)));
    return [circle.getAttribute("cx"), circle.getAttribute("cy"), ...ends].map(Number);
  };
  return {
    words: [
      ...words("[data-explored] tr[data-metric] td"),
      ...words("[data-cell] text"),
      ...words("[data-value]"),
      ...words("[data-thousand]"),
      ...words("[data-prevalence-text]").slice(0, 1),
      ...words("[data-threshold-text]"),
      ...words("[data-mark] text"),
    ].map(text => text.trim()),
    places: [...mark("roc"), ...mark("precision-recall")],
  };
}"""


def _slide(page: Page, hundredths: int) -> None:
    """Move the slider, as a finger does."""
    page.locator("#slider").fill(str(hundredths))


def _alone(page: Page) -> None:
    """From now on the portal is not there."""
    page.route("**/*", lambda route: route.abort())


def _settled(page: Page) -> Locator:
    expect(page.locator("[data-explored][aria-busy]")).to_have_count(0)
    settled = page.locator("[data-explored]").first
    expect(settled).to_be_visible()
    return settled


def test_the_page_alone_says_what_the_server_says(visit: Visit) -> None:
    sliding = visit(f"{PAGE}?prevalence=0.07", quiet=False)
    _alone(sliding)
    plain = visit(PAGE, scripts=False)
    for hundredths in (1, 7, 20, 31, 37, 41, 57, 68, 93, 99):
        plain.goto(f"{PAGE}?threshold={hundredths / 100:.2f}&prevalence=0.07")
        _slide(sliding, hundredths)
        shown, said = sliding.evaluate(NUMBERS), plain.evaluate(NUMBERS)

        assert shown["words"] == said["words"], hundredths
        assert shown["places"] == pytest.approx(said["places"], abs=0.11), hundredths


def test_the_words_follow_when_the_slider_rests(visit: Visit) -> None:
    page = visit(PAGE)
    page.get_by_test_id("thresholds").locator("summary").click()
    _slide(page, 37)
    expect(page.locator("#threshold")).to_have_value("0.37")
    expect(_settled(page).get_by_test_id("point")).to_have_attribute("data-threshold", "0.37")
    expect(page.locator(".choices [aria-current]")).to_have_count(0)
    expect(page.get_by_test_id("thresholds")).to_have_attribute("open", "")
    expect(page.locator("[data-explored] a[href*='confusion.svg']")).to_have_attribute(
        "href", re.compile("threshold=0.37")
    )
    assert "threshold=0.37" in page.url
    subgroups = page.locator("section[aria-labelledby=subgroups]")
    expect(subgroups).to_contain_text("The same threshold, 0.37")
    expect(subgroups.locator("a[href*='density.csv']")).to_have_attribute(
        "href", re.compile("threshold=0.37")
    )

    _slide(page, 41)
    expect(_settled(page).get_by_test_id("point")).to_have_attribute("data-point", "best-f1")
    expect(page.locator(".choices [aria-current]")).to_have_attribute("data-point", "best-f1")


def test_a_slow_answer_does_not_undo_a_later_choice(visit: Visit) -> None:
    page = visit(PAGE, quiet=False)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/*threshold=0.20*", hold)
    with page.expect_request("**/*threshold=0.20*"):
        _slide(page, 20)
    expect(page.locator("[data-explored]").first).to_have_attribute("aria-busy", "true")
    late = held[0].fetch()
    page.route("**/*threshold=0.60*", lambda route: route.abort())
    with page.expect_response("**/*threshold=0.20*"):
        _slide(page, 60)
        held[0].fulfill(response=late)  # while the slider rests, before the next request
    page.wait_for_event("requestfailed")
    expect(page.get_by_test_id("point")).not_to_have_attribute("data-threshold", "0.2")
    expect(_settled(page).locator("[data-old]")).to_contain_text("for a threshold of 0.41")
    page.unroute("**/*threshold=0.60*")
    _slide(page, 61)
    expect(page.locator("[data-old]")).to_have_count(0)
    expect(_settled(page).get_by_test_id("point")).to_have_attribute("data-threshold", "0.61")


def test_the_focus_stays_where_it_is_when_the_words_arrive(visit: Visit) -> None:
    page = visit(PAGE)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/*threshold=0.37*", hold)
    with page.expect_request("**/*threshold=0.37*"):
        _slide(page, 37)
    summary = page.get_by_test_id("thresholds").locator("summary")
    summary.focus()
    above = page.evaluate("scrollY")
    held[0].continue_()
    expect(_settled(page).get_by_test_id("point")).to_have_attribute("data-threshold", "0.37")
    expect(summary).to_be_focused()
    assert page.evaluate("scrollY") == pytest.approx(above, abs=40)


def test_the_words_are_those_of_the_last_number_that_was_drawn(visit: Visit) -> None:
    page = visit(f"{PAGE}?threshold=0.41")
    with page.expect_response("**/*threshold=0.35*"):
        page.locator("#threshold").fill("0.35")
        page.locator("#threshold").fill("0.355")
    expect(_settled(page).get_by_test_id("point")).to_have_attribute("data-threshold", "0.35")
    assert "threshold=0.35&" in page.url


def test_a_number_that_only_the_browser_takes_is_not_answered_with_another_point(
    visit: Visit,
) -> None:
    page = visit(f"{PAGE}?threshold=0.41")
    page.locator("#threshold").fill("3e-1")
    expect(page.locator("[data-old]").first).to_contain_text("for a threshold of 0.41")
    expect(page.locator("[data-threshold-text]").first).to_have_text("0.30")


def test_the_slider_obeys_the_keyboard(visit: Visit) -> None:
    page = visit(f"{PAGE}?threshold=0.37")
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#slider")).to_have_attribute("aria-valuetext", "0.39")
    expect(_settled(page).get_by_test_id("point")).to_have_attribute("data-threshold", "0.39")
    expect(page.locator("#slider")).to_be_focused()


def test_a_prevalence_moves_the_predictive_values(visit: Visit) -> None:
    page = visit(f"{PAGE}?threshold=0.37", quiet=False)
    _alone(page)
    before = page.locator("[data-value=positive]").inner_text()
    page.locator("#prevalence").fill("0.01")
    expect(page.locator("[data-value=positive]")).not_to_have_text(before)
    expect(page.locator("[data-thousand=positives]")).to_have_text("10")
    page.locator("#prevalence").fill("7")
    expect(page.locator("[data-thousand=positives]")).to_have_text("10")


@pytest.mark.parametrize("width", [390, 1280])
def test_without_the_portal_it_is_said_which_words_are_old(visit: Visit, width: int) -> None:
    page = visit(f"{PAGE}?threshold=0.37&prevalence=0.2", width=width, quiet=False)
    _alone(page)
    page.locator("#prevalence").fill("0.01")
    _slide(page, 60)
    notes = page.locator("[data-explored] > [data-old]")
    expect(notes).to_have_count(2)
    for note in notes.all():
        expect(note).to_contain_text("still for a threshold of 0.37 and a prevalence of 0.2.")
    expect(page.locator("[data-announce]")).to_have_text(notes.first.inner_text())
    expect(page.locator("[aria-busy]")).to_have_count(0)
    table = page.get_by_test_id("thresholds").locator("[data-prevalence-text]")
    expect(table).to_have_text("0.2")
    assert overflow(page) == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_without_scripts_the_form_and_the_table_do_the_same(visit: Visit, width: int) -> None:
    page = visit(PAGE, scripts=False, width=width)
    expect(page.locator("#slider")).to_be_hidden()
    page.locator("#threshold").fill("0.37")
    page.locator("#prevalence").fill("0.1")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_test_id("point")).to_have_attribute("data-threshold", "0.37")
    expect(page.locator("#prevalence")).to_have_value("0.1")
    page.get_by_test_id("thresholds").locator("summary").click()
    assert overflow(page) == 0
    page.get_by_test_id("thresholds").get_by_role("link", name="0.60").click()
    expect(page.get_by_test_id("point")).to_have_attribute("data-threshold", "0.6")
    expect(page.locator("#prevalence")).to_have_value("0.1")


_IN_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const bar = document.querySelector("[data-explorer]").getBoundingClientRect();
  const isOnIt = document.activeElement.closest("[data-explorer]");
  const isUnderIt = !isOnIt && box.top >= bar.top && box.bottom <= bar.bottom;
  return !isUnderIt && box.bottom > 0 && box.top < innerHeight;
}"""


@pytest.mark.parametrize(("width", "height"), [(640, 360), (640, 520), (320, 256)])
def test_the_form_never_hides_what_has_the_focus(visit: Visit, width: int, height: int) -> None:
    page = visit(PAGE)
    page.set_viewport_size({"width": width, "height": height})
    page.locator("section[aria-labelledby=subgroups] a").first.focus()
    for _ in range(25):
        page.keyboard.press("Shift+Tab")
        page.wait_for_function(_IN_SIGHT, timeout=5000)
