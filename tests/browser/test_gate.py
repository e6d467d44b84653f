"""An image that is refused at the input gate, and analysed anyway."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, choose, drop, overflow, send

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_refused_image_can_be_analysed_anyway(
    visit: Visit, blank: Path, place: str, scripts: bool
) -> None:
    page = visit(place, width=390, scripts=scripts)
    send(page, blank)
    expect(page.locator(BANNER)).to_contain_text("The image is blank")
    expect(page.get_by_role("img", name="Distance of this image")).to_be_visible()
    assert overflow(page) <= 0

    if not scripts:  # a browser forgets the file with the page
        page.set_input_files("input[name=image]", blank)
    page.get_by_role("checkbox", name="Analyse anyway").check()
    page.click("button[type=submit]")
    expect(page.locator(VERDICT).first).to_be_visible()
    expect(page.get_by_test_id("gate-warning")).to_contain_text("Analysed anyway")
    assert overflow(page) <= 0


@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
@pytest.mark.parametrize("first", [False, True], ids=["answer", "reading"])
def test_the_heading_that_gets_the_focus_is_described_by_the_warning_before_it(
    visit: Visit, blank: Path, place: str, first: bool
) -> None:
    page = visit(place)
    if first:
        page.get_by_label("Let me read the image first").check()
    send(page, blank)
    page.get_by_role("checkbox", name="Analyse anyway").check()
    page.click("button[type=submit]")
    expect(page.locator("h2:focus")).to_have_accessible_description(re.compile("Analysed anyway"))


@pytest.mark.parametrize("take", [choose, drop])
def test_another_image_is_not_analysed_anyway(
    visit: Visit, blank: Path, picture: Path, take: Callable[[Page, Path], None]
) -> None:
    page = visit(f"/{KEY}")
    send(page, blank)
    box = page.get_by_role("checkbox", name="Analyse anyway")
    box.check()
    take(page, picture)
    expect(box).not_to_be_checked()


def test_an_image_that_passes_has_no_box(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    expect(page.get_by_role("checkbox", name="Analyse anyway")).to_have_count(0)
    send(page, picture)
    expect(page.get_by_role("checkbox", name="Analyse anyway")).to_have_count(0)
    expect(page.get_by_test_id("gate-warning")).to_have_count(0)
