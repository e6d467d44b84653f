"""What scripts add: theme, progress, cancelling. And print."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, drop, send
from tests.fakes import encoded, pixels

pytestmark = pytest.mark.browser


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """An image of another size than the picture's."""
    path = tmp_path / "other.png"
    path.write_bytes(encoded(pixels(size=(90, 70))))
    return path


_READ_LATE = """() => {
  File.prototype.arrayBuffer = function () {
    delete File.prototype.arrayBuffer;
    return new Promise((resolve) => { window.release = resolve; })
      .then(() => Blob.prototype.arrayBuffer.call(this));
  };
}"""

_SHOW_LATE = """() => {
  const src = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src");
  const set = function (value) {
    Object.defineProperty(HTMLImageElement.prototype, "src", src);
    window.release = () => { this.src = value; };
  };
  Object.defineProperty(HTMLImageElement.prototype, "src", { ...src, set });
}"""


def _ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def _icon(page: Page) -> float:
    """The width in pixels of the icon beside a banner's title."""
    box = page.locator(BANNER).locator("svg").bounding_box()
    assert box
    return box["width"]


@pytest.mark.parametrize(("system", "other"), [("light", "dark"), ("dark", "light")])
def test_a_chosen_theme_stays(visit: Visit, system: str, other: str) -> None:
    page = visit("/", theme=system)
    switch = page.get_by_role("button", name="Dark theme")
    before = _ground(page)
    expect(switch).to_have_attribute("aria-pressed", str(system == "dark").lower())
    switch.click()
    after = _ground(page)
    page.goto("/about")

    assert before != after == _ground(page)
    expect(page.locator("html")).to_have_attribute("data-theme", other)
    expect(switch).to_have_attribute("aria-pressed", str(other == "dark").lower())


def test_without_scripts_the_theme_is_the_systems(visit: Visit) -> None:
    pages = [visit("/", theme=theme, scripts=False) for theme in ("light", "dark")]
    for page in pages:
        expect(page.locator("[data-theme-switch]")).to_be_hidden()
    light, dark = map(_ground, pages)
    assert light != dark


def test_work_is_shown_and_can_be_cancelled(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    released = Event()

    def hold(route: Route) -> None:
        if released.is_set():
            route.continue_()

    page.route(f"**/{KEY}", hold)
    page.set_input_files("input[name=image]", picture)
    expect(page.get_by_alt_text("The image you chose")).to_be_visible()
    button = page.get_by_role("button", name="Analyse image")
    button.click()
    expect(button).to_be_disabled()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(button).to_be_enabled()
    expect(button).to_be_focused()

    released.set()
    button.click()
    expect(page.locator(VERDICT)).to_be_visible()


def test_the_enter_that_sends_does_not_cancel(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    page.route(f"**/{KEY}", lambda _: None)
    page.set_input_files("input[name=image]", picture)
    page.get_by_role("button", name="Analyse image").focus()
    for _ in range(3):  # held down
        page.keyboard.down("Enter")
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_focused()
    page.wait_for_timeout(600)
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(cancel).to_be_focused()

    analyse = page.get_by_role("button", name="Analyse image")
    for _ in range(2):  # held down again: it ends the analysis, and begins no other
        page.keyboard.down("Enter")
        expect(analyse).to_be_focused()
    page.keyboard.up("Enter")
    expect(analyse).to_be_enabled()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # pressed twice
    expect(cancel).to_be_focused()


def test_the_image_stays_the_one_that_was_sent(visit: Visit, picture: Path, other: Path) -> None:
    page = visit(f"/{KEY}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/{KEY}", hold)
    page.set_input_files("input[name=image]", picture)
    page.get_by_role("button", name="Analyse image").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    chosen = page.locator("input[name=image]")
    expect(chosen).to_be_disabled()
    drop(page, other)
    assert chosen.evaluate("input => input.files[0].name") == picture.name
    held[0].continue_()
    expect(page.locator(VERDICT)).to_be_visible()
    expect(page.get_by_alt_text("Your image as you uploaded it")).to_be_visible()
    assert _shown(page, "Your image as you uploaded it") == _size(picture)
    expect(chosen).to_be_enabled()


def test_a_portal_that_is_gone_is_said(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}", quiet=False)
    page.context.set_offline(True)
    send(page, picture)

    expect(page.locator(BANNER)).to_contain_text("could not be reached")
    assert _icon(page) == 24
    expect(page.locator(BANNER)).to_be_focused()
    expect(page.get_by_role("button", name="Analyse image")).to_be_enabled()


def _size(file: Path) -> list[int]:
    with Image.open(file) as image:
        return list(image.size)


def _shown(page: Page, name: str) -> list[int]:
    """The size of the image of that name, whose alternatives in a test have other sizes."""
    size: list[int] = page.get_by_alt_text(name).evaluate("i => [i.naturalWidth, i.naturalHeight]")
    return size


def _posted(page: Page) -> list[Request]:
    """What the page sends from now on."""
    posted: list[Request] = []
    page.on("request", lambda each: posted.append(each) if each.method == "POST" else None)
    return posted


def _rewritten(file: Path) -> None:
    file.write_bytes(encoded(pixels(size=(90, 70))))
    os.utime(file, (1, 1))


@pytest.mark.parametrize("become", [_rewritten, Path.unlink], ids=["changed", "gone"])
def test_what_was_shown_is_sent_whatever_becomes_of_the_file(
    visit: Visit, picture: Path, tmp_path: Path, become: Callable[[Path], None]
) -> None:
    file = Path(shutil.copy(picture, tmp_path / "cropped.png"))
    page = visit(f"/{KEY}")
    page.set_input_files("input[name=image]", file)
    expect(page.get_by_alt_text("The image you chose")).to_be_visible()
    become(file)
    page.click("button[type=submit]")

    high, wide, _ = pixels().shape
    expect(page.locator(VERDICT)).to_contain_text(f"{wide} x {high} pixels")
    assert _shown(page, "Your image as you uploaded it") == _size(picture)


def test_a_file_that_cannot_be_read_is_not_taken_for_a_portal_that_is_gone(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}")
    page.evaluate("() => { File.prototype.arrayBuffer = () => Promise.reject(new Error()); }")
    send(page, picture)

    expect(page.locator(BANNER)).to_contain_text("This file could not be read")
    expect(page.locator(BANNER)).to_be_focused()
    assert page.locator("input[name=image]").evaluate("input => input.files.length") == 0
    page.evaluate("() => { delete File.prototype.arrayBuffer; }")
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()


@pytest.mark.parametrize(("theme", "ink"), [("dark", "#e8e6e1"), ("light", "#171b1d")])
def test_with_forced_colours_drawings_follow_them_and_not_the_switch(
    visit: Visit, theme: str, ink: str
) -> None:
    page = visit("/study", theme=theme)
    page.locator("[data-theme-switch]").click()
    page.emulate_media(forced_colors="active")
    style = "getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()"
    assert page.evaluate(style) == ink


def test_the_reading_of_a_file_is_cancelled(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    page.evaluate(_READ_LATE)
    posted = _posted(page)
    page.set_input_files("input[name=image]", picture)
    page.click("button[type=submit]")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Analyse image")).to_be_focused()
    page.evaluate("release()")
    expect(page.get_by_alt_text("The image you chose")).to_be_visible()
    assert not posted
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()


def test_an_image_is_sent_when_it_is_read_and_no_other_one(
    visit: Visit, picture: Path, other: Path
) -> None:
    page = visit(f"/{KEY}")
    page.evaluate(_READ_LATE)
    posted = _posted(page)
    page.set_input_files("input[name=image]", picture)
    page.click("button[type=submit]")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    expect(page.get_by_text("Reading the file").first).to_be_visible()
    drop(page, other)
    assert not posted
    page.evaluate("release()")
    expect(page.locator(VERDICT)).to_be_visible()
    assert _shown(page, "Your image as you uploaded it") == _size(picture)
    assert len(posted) == 1


def test_what_the_portal_does_not_answer_leaves_the_form_and_its_image(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}", quiet=False)
    page.locator("form[data-upload]").evaluate("form => { form.action = '/nowhere'; }")
    page.set_input_files("input[name=image]", picture)
    expect(page.get_by_alt_text("The image you chose")).to_be_visible()  # it moves the button
    page.click("button[type=submit]")

    expect(page.locator(BANNER)).to_contain_text("There is no such page")
    expect(page.locator(BANNER)).to_be_focused()
    expect(page.get_by_alt_text("The image you chose")).to_be_visible()
    chosen = page.locator("input[name=image]")
    assert chosen.evaluate("input => input.files[0].name") == picture.name


def test_a_file_that_is_too_large_is_not_sent(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    page.evaluate("document.querySelector('[data-upload]').dataset.maxMb = '0.001'")
    send(page, picture)

    expect(page.locator(BANNER)).to_contain_text("too large")
    expect(page.locator(BANNER)).to_contain_text("Received: about 0.1 MiB.")
    assert _icon(page) == 24
    expect(page.locator(BANNER)).to_be_focused()


def test_of_two_images_chosen_in_a_row_the_later_one_is_shown(
    visit: Visit, picture: Path, other: Path
) -> None:
    page = visit(f"/{KEY}")
    page.evaluate(_READ_LATE)
    page.set_input_files("input[name=image]", other)
    page.set_input_files("input[name=image]", picture)
    assert _shown(page, "The image you chose") == _size(picture)
    page.evaluate("release()")
    page.wait_for_timeout(1000)  # in which the other one is read to its end
    expect(page.locator("img[data-preview]")).to_have_count(1)
    assert _shown(page, "The image you chose") == _size(picture)


def test_an_image_of_an_earlier_page_is_not_shown_beside_a_later_verdict(
    visit: Visit, picture: Path, other: Path
) -> None:
    page = visit(f"/{KEY}")
    page.evaluate(_SHOW_LATE)
    send(page, other)
    expect(page.locator(VERDICT)).to_be_visible()
    page.set_input_files("input[name=image]", picture)
    expect(page.get_by_alt_text("The image you chose")).to_be_visible()
    page.evaluate("release()")
    page.wait_for_timeout(1000)  # in which it is drawn
    with page.expect_response(f"**/{KEY}"):
        page.get_by_role("button", name="Analyse another image").click()
    assert _shown(page, "Your image as you uploaded it") == _size(picture)


def test_an_image_can_be_dropped(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    drop(page, picture)

    expect(page.get_by_alt_text("The image you chose")).to_be_visible()
    assert page.evaluate("document.querySelector('#image').files[0].name") == picture.name


def test_of_two_images_that_are_dropped_none_is_read(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          ["a.png", "b.png"].forEach(name => data.items.add(new File([name], name)));
          const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true});
          document.querySelector("[data-drop]").dispatchEvent(drop);
        }"""
    )
    page.click("button[type=submit]")
    expect(page.locator(BANNER)).to_contain_text("More than one file was sent")
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()


_PREVENTED = """([kind, what]) => {
  const data = new DataTransfer();
  if (what === "file") data.items.add(new File(["a"], "a.png"));
  else data.setData("text/plain", "a");
  const event = new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
  return !document.querySelector(".site-head").dispatchEvent(event);
}"""


@pytest.mark.parametrize("kind", ["dragover", "drop"])
def test_a_file_that_misses_its_field_is_neither_opened_nor_taken(visit: Visit, kind: str) -> None:
    page = visit(f"/{KEY}")
    assert page.evaluate(_PREVENTED, [kind, "file"])
    assert page.evaluate("document.querySelector('#image').files.length") == 0
    assert not page.evaluate(_PREVENTED, [kind, "text"])
    page.goto("/about")
    assert not page.evaluate(_PREVENTED, [kind, "file"])


def test_print_has_the_verdict_and_its_figures_but_no_navigation(
    visit: Visit, picture: Path
) -> None:
    page = visit(f"/{KEY}", theme="dark")
    send(page, picture)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    expect(page.locator(VERDICT)).to_be_visible()
    expect(page.get_by_test_id("roc").locator("svg")).to_be_visible()
    expect(page.get_by_role("contentinfo")).to_contain_text("fingerprint")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    forms = page.locator("form").all()
    assert len(forms) == 2  # for another image, and to save the result
    for form in forms:
        expect(form).to_be_hidden()


@pytest.mark.parametrize("path", [f"/{KEY}", f"/{COHORT.slug}"])
def test_print_begins_with_image_and_verdict_on_the_first_page(
    visit: Visit, picture: Path, path: str
) -> None:
    page = visit(path, width=720)  # that of a sheet of A4
    send(page, picture)
    page.emulate_media(media="print")
    image = page.locator("[data-stage]").bounding_box()
    verdict = page.locator(VERDICT).first.bounding_box()
    bar = page.locator(VERDICT).first.locator(".bar").first.bounding_box()

    assert image
    assert verdict
    assert bar
    beside = image["x"] + image["width"] <= verdict["x"]
    below = image["y"] + image["height"] <= verdict["y"]
    assert beside or below
    assert verdict["y"] < 500
    assert bar["width"] > 240
