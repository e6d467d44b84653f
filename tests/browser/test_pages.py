"""Every page: nothing sticks out, nothing complains, WCAG 2.2 AA as far as axe can tell."""

from pathlib import Path

import pytest

from tests.browser.accessibility import violations
from tests.browser.conftest import Visit
from tests.browser.pages import COHORT, KEY, PATHS, VERDICT, overflow, send

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", PATHS)
def test_no_page_sticks_out_of_a_phone(visit: Visit, path: str) -> None:
    assert overflow(visit(path, width=390)) == 0


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
