"""Every page: nothing sticks out, nothing complains, WCAG 2.2 AA as far as axe can tell."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from models.catalogue import Cohort, cohorts
from tests.browser.accessibility import violations
from tests.browser.conftest import Visit
from tests.browser.pages import COHORT, KEY, PATHS, VERDICT, overflow, send, space_text

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", PATHS)
def test_no_page_sticks_out_of_a_phone(visit: Visit, path: str) -> None:
    assert overflow(visit(path, width=390)) == 0


@pytest.mark.parametrize("width", [320, 390])
def test_the_table_of_comparisons_is_whole_on_a_phone(visit: Visit, width: int) -> None:
    region = visit("/", width=width).get_by_role("region", name="Comparisons")
    assert region.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    expect(region.locator("[data-name='All models']").first).to_be_visible()


@pytest.mark.parametrize("path", ["/study", f"/{KEY.modality.key}"])
def test_a_flag_stands_behind_its_number_or_below_it_but_covers_nothing(
    visit: Visit, path: str
) -> None:
    page = visit(path)
    for width in (1280, 900, 768, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(_COVERED) == []


_COVERED = """() => [...document.querySelectorAll(".flag")].filter(flag => {
  const [own, below] = [flag, flag.parentElement.querySelector(".interval")].map(
    part => part.getBoundingClientRect());
  return own.bottom > below.top + 1;
}).map(flag => flag.parentElement.innerText)"""

_SMALL = """() => [...document.querySelectorAll(
  ".site-nav a, .theme, .button, .chips a, label.tick, select, summary, input[type=number], " +
  "input[type=range], .sortable thead a, #compare td a"
)].filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44).map(
  one => one.outerHTML)"""


@pytest.mark.parametrize("path", PATHS)
def test_a_finger_finds_what_it_is_to_press(visit: Visit, path: str) -> None:
    page = visit(path, width=390, touch=True)
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(_SMALL) == []
    assert overflow(page) == 0


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
