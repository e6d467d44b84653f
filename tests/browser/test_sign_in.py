"""Signing in and out where there are accounts: by mouse, by keyboard, with and without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import NAME, PASSWORD, Visit
from tests.browser.pages import BANNER, KEY, VERDICT, overflow

pytestmark = pytest.mark.browser

each_width = pytest.mark.parametrize("width", [390, 1280])
each_way = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@each_width
@each_way
def test_who_signs_in_gets_where_they_wanted_to_go(
    guarded_visit: Visit, picture: Path, scripts: bool, width: int
) -> None:
    page = guarded_visit(f"/{KEY}", scripts=scripts, width=width)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page)

    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    assert page.url.endswith(f"/{KEY}")
    page.set_input_files("input[name=image]", picture)
    page.get_by_role("button", name="Analyse image").click()
    expect(page.locator(VERDICT)).to_be_visible()
    page.get_by_role("button", name=f"Sign out {NAME}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/study")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@each_way
def test_a_wrong_password_is_said_and_can_be_mended(guarded_visit: Visit, scripts: bool) -> None:
    page = guarded_visit("/study", scripts=scripts, quiet=False)
    sign_in(page, "wrong")

    banner = page.locator(BANNER)
    expect(banner).to_have_attribute("role", "alert")
    expect(banner).to_contain_text("Name or password is not right")
    expect(banner).to_be_focused()
    expect(page.get_by_label("Password")).to_have_value("")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("The study")


@each_way
def test_a_keyboard_is_enough(guarded_visit: Visit, scripts: bool) -> None:
    page = guarded_visit("/study", scripts=scripts)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("The study")
    out = page.get_by_role("button", name=f"Sign out {NAME}")
    for _ in range(12):
        page.keyboard.press("Tab")
        if out.evaluate("button => button === document.activeElement"):
            break
    expect(out).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@each_width
def test_its_pages_are_accessible_and_fit(guarded_visit: Visit, width: int) -> None:
    page = guarded_visit("/study", width=width, quiet=False)
    assert violations(page) == []
    assert overflow(page) == 0
    sign_in(page, "wrong")
    expect(page.locator(BANNER)).to_be_visible()
    assert violations(page) == []
    assert overflow(page) == 0
    sign_in(page)
    expect(page.get_by_role("button", name=f"Sign out {NAME}")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) == 0


def test_a_name_of_the_longest_kind_fits_a_phone(guarded_visit: Visit) -> None:
    page = guarded_visit("/study", width=390)
    sign_in(page)
    page.get_by_role("button", name="Sign out").evaluate(
        "button => { button.textContent = `Sign out ${'w'.repeat(64)}`; }"
    )
    assert overflow(page) == 0


@pytest.mark.parametrize("width", [520, 768, 1024, 1280])
@pytest.mark.parametrize("name", [NAME, "w" * 64], ids=["short", "long"])
def test_the_account_stands_beside_the_theme(guarded_visit: Visit, width: int, name: str) -> None:
    page = guarded_visit("/study", width=width)
    sign_in(page)
    out = page.get_by_role("button", name="Sign out")
    out.evaluate("(button, name) => { button.textContent = `Sign out ${name}`; }", name)
    parts = (page.locator(".brand"), out, page.locator("[data-theme-switch]"))
    brand, button, theme = (part.bounding_box() for part in parts)

    assert brand
    assert button
    assert theme
    assert brand["x"] + brand["width"] <= button["x"]
    assert button["x"] + button["width"] <= theme["x"]
    assert abs(button["y"] + button["height"] / 2 - theme["y"] - theme["height"] / 2) < 2
    assert overflow(page) == 0
