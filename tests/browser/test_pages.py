"""Every page: nothing sticks out, nothing complains, WCAG 2.2 AA as far as axe can tell."""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.pages import COHORT, KEY, PATHS, VERDICT, overflow, send

pytestmark = pytest.mark.browser

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
_LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _violations(page: Page) -> list[str]:
    """What axe finds in light and in dark, with everything unfolded."""
    page.evaluate(_AXE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for each in page.evaluate("levels => axe.run({runOnly: levels})", _LEVELS)["violations"]:
            found += [f"{theme}: {each['id']}: {node['html']}" for node in each["nodes"]]
    return found


@pytest.mark.parametrize("path", PATHS)
def test_no_page_sticks_out_of_a_phone(visit: Visit, path: str) -> None:
    assert overflow(visit(path, width=390)) == 0


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_accessible(visit: Visit, path: str) -> None:
    assert _violations(visit(path)) == []


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_every_heat_map_is_accessible(visit: Visit, picture: Path, path: str) -> None:
    page = visit(path)
    page.check("input[name=explain]")
    send(page, picture)

    assert page.locator(".heat-layer").count() > 0
    assert _violations(page) == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_every_answer_is_accessible(visit: Visit, picture: Path, path: str, width: int) -> None:
    page = visit(path, width=width)
    send(page, picture)

    assert _violations(page) == []


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_reading_first_is_accessible(visit: Visit, picture: Path, path: str) -> None:
    page = visit(path)
    page.check("[name=read_first]")
    send(page, picture)
    page.locator("[data-reading] input").first.wait_for()

    assert _violations(page) == []


def test_a_refusal_is_accessible(visit: Visit, no_picture: Path) -> None:
    page = visit(f"/{KEY}")
    send(page, no_picture)

    assert _violations(page) == []


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_a_refusal_by_the_gate_is_accessible_and_so_is_its_answer(
    visit: Visit, blank: Path, path: str
) -> None:
    page = visit(path)
    send(page, blank)
    assert _violations(page) == []
    page.check("#anyway")
    page.click("button[type=submit]")
    page.wait_for_selector(VERDICT)
    assert _violations(page) == []


def test_an_unknown_address_is_accessible(visit: Visit) -> None:
    page = visit("/no-such-page", quiet=False)

    assert _violations(page) == []
