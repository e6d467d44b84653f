"""Every page: nothing sticks out, nothing complains, WCAG 2.2 AA as far as axe can tell."""

from pathlib import Path

import pytest

from models.catalogue import Cohort, cohorts
from tests.browser.accessibility import violations
from tests.browser.conftest import Visit
from tests.browser.pages import COHORT, KEY, PATHS, VERDICT, overflow, send, space_text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", PATHS)
def test_no_page_sticks_out_of_a_phone(visit: Visit, path: str) -> None:
    assert overflow(visit(path, width=390)) == 0


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("cohort", cohorts(), ids=str)
def test_no_comparison_sticks_out_however_its_text_is_spaced(
    visit: Visit, picture: Path, cohort: Cohort, width: int
) -> None:
    page = visit(f"/{cohort}", width=width)
    send(page, picture)
    assert overflow(page) == 0
    space_text(page)
    assert overflow(page) == 0
    assert page.evaluate(_OVERLAPPING) == []


_OVERLAPPING = """() => [...document.querySelectorAll(".compare tbody tr")].filter(row => {
  const [name, word] = ["th a", ".says"].map(
    part => row.querySelector(part).getBoundingClientRect());
  return name.right > word.left && name.bottom > word.top;
}).map(row => row.innerText)"""


def test_the_report_does_not_stick_out_however_its_text_is_spaced(visit: Visit) -> None:
    page = visit("/study/report", width=320)
    space_text(page)
    assert overflow(page) == 0


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_accessible(visit: Visit, path: str) -> None:
    assert violations(visit(path)) == []


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_every_heat_map_is_accessible(visit: Visit, picture: Path, path: str) -> None:
    page = visit(path)
    page.check("input[name=explain]")
    send(page, picture)

    assert page.locator(".heat-layer").count() > 0
    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_every_answer_is_accessible(visit: Visit, picture: Path, path: str, width: int) -> None:
    page = visit(path, width=width)
    send(page, picture)

    assert violations(page) == []


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_reading_first_is_accessible(visit: Visit, picture: Path, path: str) -> None:
    page = visit(path)
    page.check("[name=read_first]")
    send(page, picture)
    page.locator("[data-reading] input").first.wait_for()

    assert violations(page) == []


def test_a_refusal_is_accessible(visit: Visit, no_picture: Path) -> None:
    page = visit(f"/{KEY}")
    send(page, no_picture)

    assert violations(page) == []


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT}"])
def test_a_refusal_by_the_gate_is_accessible_and_so_is_its_answer(
    visit: Visit, blank: Path, path: str
) -> None:
    page = visit(path)
    send(page, blank)
    assert violations(page) == []
    page.check("#anyway")
    page.click("button[type=submit]")
    page.wait_for_selector(VERDICT)
    assert violations(page) == []


def test_an_unknown_address_is_accessible(visit: Visit) -> None:
    page = visit("/no-such-page", quiet=False)

    assert violations(page) == []
