"""A large image: its square is placed by pointer, keys or numbers, and the whole is mapped."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import FloatRect, Page, expect

from models.catalogue import cohorts
from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, VERDICT, choose, drop, overflow, send
from tests.fakes import pixels

pytestmark = pytest.mark.browser

COHORT = next(each for each in cohorts() if each.modality.region)
KEY = COHORT.keys[0]
each_width = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of 1000 x 800 pixels."""
    path = tmp_path_factory.mktemp("large") / "large.png"
    Image.fromarray(pixels(size=(1000, 800))).save(path)
    return path


def asked(page: Page, large: Path) -> Page:
    """The page that asks for a part of an image."""
    send(page, large)
    expect(page.locator(BANNER)).to_contain_text("shows more than what the models read")
    return page


def square(page: Page) -> tuple[int, ...]:
    """What the fields say; the drawing must say the same."""
    fields = tuple(int(page.get_by_label(name, exact=True).input_value()) for name in NAMES)
    for part in ("[data-square]", "[data-edge]"):
        mark = page.locator(part)
        drawn = tuple(int(mark.get_attribute(name) or "") for name in ("x", "y", "width"))
        assert drawn == fields, part
    return fields


NAMES = ("Left", "Top", "Side")


@each_width
@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
def test_the_square_is_dragged(visit: Visit, large: Path, width: int, place: str) -> None:
    page = asked(visit(place, width=width), large)
    assert square(page) == (372, 272, 256)
    assert overflow(page) <= 0
    page.locator("[data-plan]").scroll_into_view_if_needed()
    box = page.locator("[data-square]").bounding_box()
    assert box is not None
    scale = 256 / box["width"]
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 30, middle[1] - 20, steps=3)
    page.mouse.up()
    left, top, side = square(page)
    assert abs(left - (372 + 30 * scale)) <= 3
    assert abs(top - (272 - 20 * scale)) <= 3
    assert side == 256

    page.mouse.move(*middle)  # never beyond the image
    page.mouse.down()
    page.mouse.move(0, 0)
    page.mouse.up()
    assert square(page)[:1] == (0,)

    page.get_by_role("button", name="Analyse image").click()
    expect(page.locator(VERDICT).first).to_be_visible()
    words = re.compile(r"256 x 256 pixels from left 0, top \d+ of a 1000 x 800 image")
    expect(page.get_by_test_id("region")).to_have_text(words)
    assert overflow(page) <= 0


def _luminance(colour: tuple[int, ...]) -> float:
    """The relative luminance of WCAG, and the 0.05 with which it is compared."""
    linear = [(each / 255 / 12.92, ((each / 255 + 0.055) / 1.055) ** 2.4) for each in colour]
    red, green, blue = (
        low if each <= 10 else high for each, (low, high) in zip(colour, linear, strict=True)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float], steps: int = 8) -> None:
    """Put a finger down, move it and lift it; without steps it is a tap."""
    touch = page.context.new_cdp_session(page)

    def tell(kind: str, *points: dict[str, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    tell("touchStart", {"x": start[0], "y": start[1]})
    for step in range(1, steps + 1):
        x, y = (at + way * step / steps for at, way in zip(start, by, strict=True))
        tell("touchMove", {"x": x, "y": y})
    tell("touchEnd")


def touched(visit: Visit, large: Path) -> tuple[Page, FloatRect, FloatRect]:
    """The form on a telephone, and where its plan and its square are."""
    page = asked(visit(f"/{KEY}", width=390, touch=True), large)
    page.locator("[data-plan]").scroll_into_view_if_needed()
    plan = page.locator("[data-plan]").bounding_box()
    mark = page.locator("[data-square]").bounding_box()
    assert plan
    assert mark
    return page, plan, mark


def test_the_square_follows_a_finger(visit: Visit, large: Path) -> None:
    page, plan, mark = touched(visit, large)
    above = page.evaluate("scrollY")
    scale = 1000 / plan["width"]
    swipe(page, (mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2), (40, 40))
    left, top, side = square(page)
    assert abs(left - (372 + 40 * scale)) <= 3
    assert abs(top - (272 + 40 * scale)) <= 3
    assert side == 256
    assert page.evaluate("scrollY") == above
    expect(page.locator("[data-announce]")).to_have_text(f"Left {left}, top {top}, side 256")


def test_a_swipe_beside_the_square_scrolls_the_page_only(visit: Visit, large: Path) -> None:
    page, plan, _ = touched(visit, large)
    above = page.evaluate("scrollY")
    swipe(page, (plan["x"] + 20, plan["y"] + plan["height"] - 10), (0, 120))
    page.wait_for_function("above => scrollY !== above", arg=above)
    assert square(page) == (372, 272, 256)


def test_a_tap_beside_the_square_places_it(visit: Visit, large: Path) -> None:
    page, plan, _ = touched(visit, large)
    swipe(page, (plan["x"] + plan["width"] / 4, plan["y"] + plan["height"] / 4), (0, 0), steps=0)
    left, top, side = square(page)
    assert abs(left - (250 - 128)) <= 3
    assert abs(top - (200 - 128)) <= 3
    assert side == 256
    expect(page.locator("[data-square]")).to_be_focused()


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
@each_width
def test_the_square_is_drawn_on_the_image_where_it_was_read(
    visit: Visit, large: Path, width: int, place: str, media: Literal["screen", "print"]
) -> None:
    page = asked(visit(place, width=width), large)
    page.get_by_label("Left", exact=True).fill("600")
    page.get_by_label("Top", exact=True).fill("100")
    page.get_by_role("button", name="Analyse image").click()
    page.wait_for_selector(VERDICT)
    page.emulate_media(media=media)
    picture = page.locator(".original img").bounding_box()
    frame = page.locator(".original .marked-square").bounding_box()
    assert picture is not None
    assert frame is not None
    scale = min(picture["width"] / 1000, picture["height"] / 800)  # it is shown whole
    left = picture["x"] + (picture["width"] - 1000 * scale) / 2
    top = picture["y"] + (picture["height"] - 800 * scale) / 2
    assert frame["x"] == pytest.approx(left + 600 * scale, abs=3)
    assert frame["y"] == pytest.approx(top + 100 * scale, abs=3)
    assert frame["width"] == pytest.approx(256 * scale, abs=5)


@each_width
def test_the_square_is_moved_by_keys(visit: Visit, large: Path, width: int) -> None:
    page = asked(visit(f"/{KEY}", width=width), large)
    page.get_by_role("radio", name="The whole image, shrunk").check()
    page.locator("[data-square]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert square(page) == (388, 256, 256)
    expect(page.get_by_role("radio", name="The square")).to_be_checked()
    expect(page.locator("[data-announce]")).to_have_text("Left 388, top 256, side 256")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    assert square(page) == (387, 257, 256)
    page.keyboard.press("+")
    assert square(page) == (371, 241, 288)
    page.keyboard.press("-")
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    assert square(page)[0] == 0
    page.get_by_role("button", name="Analyse image").click()
    expect(page.locator(VERDICT)).to_be_visible()

    page.get_by_label("Left", exact=True).fill("700")  # and moved again, with the same file
    assert square(page)[0] == 700
    page.get_by_role("button", name="Analyse this image").click()
    expect(page.get_by_test_id("region")).to_contain_text("from left 700")


@pytest.mark.parametrize("colors", ["none", "active"], ids=["own-colours", "forced-colours"])
def test_the_square_is_seen_on_black_and_on_white(
    visit: Visit, tmp_path: Path, colors: Literal["none", "active"]
) -> None:
    film = Image.new("L", (1000, 800), 255)
    film.paste(0, (500, 0, 1000, 800))
    film.save(tmp_path / "film.png")
    page = asked(visit(f"/{KEY}"), tmp_path / "film.png")
    page.emulate_media(forced_colors=colors)
    page.locator("[data-plan]").scroll_into_view_if_needed()
    box = page.locator("[data-square]").bounding_box()
    assert box is not None
    seen = []
    for _ in ("without the focus", "with it"):
        for edge in (box["x"], box["x"] + box["width"]):
            clip = FloatRect(x=edge - 16, y=box["y"] + 40, width=32, height=1)
            with Image.open(io.BytesIO(page.screenshot(clip=clip))) as shot:
                row = [_luminance(shot.convert("RGB").getpixel((x, 0))) for x in range(32)]
            line = row[6:26]
            seen.append((max(line) / min(line), sum(each > row[-1] * 3 for each in line)))
        page.locator("[data-square]").press("Shift+ArrowLeft")
    assert all(contrast >= 3 for contrast, _ in seen), seen
    assert seen[3][1] > seen[1][1] > 0, seen  # on black the bright line is wider with the focus


@pytest.mark.parametrize("key", ["ArrowRight", "+"])
@pytest.mark.parametrize("typed", ["", "3"])
def test_a_side_that_is_none_yet_leaves_the_square_as_large(
    visit: Visit, large: Path, typed: str, key: str
) -> None:
    page = asked(visit(f"/{KEY}"), large)
    page.get_by_label("Side", exact=True).fill("300")
    page.get_by_label("Side", exact=True).fill(typed)
    page.locator("[data-square]").focus()
    page.keyboard.press(key)
    assert square(page)[2] == (300 if key == "ArrowRight" else 338)


@pytest.mark.parametrize(
    ("extent", "idle"),
    [
        ("The square", ()),
        ("Map the whole image", ("Left", "Top")),
        ("The whole image, shrunk", ("Left", "Top", "Side")),
    ],
)
def test_a_number_that_is_not_used_holds_up_nothing(
    visit: Visit, large: Path, extent: str, idle: tuple[str, ...]
) -> None:
    page = asked(visit(f"/{KEY}"), large)
    fields = {name: page.get_by_label(name, exact=True) for name in NAMES}
    for name in idle:
        fields[name].fill("99999")
    page.get_by_role("radio", name=extent).check()
    for name, field in fields.items():
        expect(field).to_be_editable(editable=name not in idle)
    page.get_by_role("button", name="Analyse image").click()
    expect(page.locator(f"{VERDICT}, [data-testid=sweep]")).to_be_visible()


def test_a_move_takes_the_square_in_use_again(visit: Visit, large: Path) -> None:
    page = asked(visit(f"/{KEY}"), large)
    page.get_by_role("radio", name="The whole image, shrunk").check()
    page.locator("[data-square]").press("ArrowRight")
    for name in NAMES:
        expect(page.get_by_label(name, exact=True)).to_be_editable()
    page.get_by_role("button", name="Analyse image").click()
    expect(page.get_by_test_id("region")).to_contain_text("from left 388")


def _drawn(page: Page) -> tuple[str, ...]:
    """The map's ground, and the colours of its scale beside that of text."""
    return tuple(
        page.evaluate(
            """() => [[".map .plan-picture", "backgroundColor"], [".map-scale line", "stroke"],
              [".map-scale text", "fill"], [".map figcaption", "color"]].map(
                ([part, what]) => getComputedStyle(document.querySelector(part))[what])"""
        )
    )


def test_a_map_stays_dark_and_its_scale_legible_on_paper_and_in_a_readers_own_colours(
    visit: Visit, large: Path
) -> None:
    page = asked(visit(f"/{KEY}"), large)
    page.get_by_role("radio", name="Map the whole image").check()
    page.get_by_role("button", name="Analyse image").click()
    expect(page.get_by_test_id("sweep")).to_be_visible()
    ground, *_ = _drawn(page)
    assert ground != "rgba(0, 0, 0, 0)"
    page.emulate_media(media="print")
    assert _drawn(page)[0] == ground
    page.emulate_media(media="screen", forced_colors="active")
    shown, line, text, words = _drawn(page)
    assert shown == ground
    assert line == text == words


@pytest.mark.parametrize("take", [choose, drop])
def test_another_image_is_asked_about_anew(
    visit: Visit, large: Path, picture: Path, take: Callable[[Page, Path], None]
) -> None:
    page = asked(visit(f"/{KEY}"), large)
    take(page, picture)
    expect(page.get_by_label("Left", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Analyse image").click()
    expect(page.locator(VERDICT)).to_be_visible()
    expect(page.get_by_test_id("region")).to_have_count(0)


def test_without_scripts_numbers_do(visit: Visit, large: Path) -> None:
    page = asked(visit(f"/{KEY}", scripts=False), large)
    expect(page.get_by_text("Choose the file again, too")).to_be_visible()
    page.get_by_label("Left", exact=True).fill("12")
    page.get_by_label("Side", exact=True).fill("300")
    send(page, large)
    expect(page.locator(VERDICT)).to_be_visible()
    expect(page.get_by_test_id("region")).to_contain_text(
        "300 x 300 pixels from left 12, top 272 of a 1000 x 800 image"
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_whole_is_mapped_and_its_highest_square_analysed(
    visit: Visit, large: Path, scripts: bool
) -> None:
    page = asked(visit(f"/{KEY}", width=390, scripts=scripts), large)
    page.get_by_role("radio", name="Map the whole image").check()
    if not scripts:
        page.set_input_files("input[name=image]", large)
    page.get_by_role("button", name="Analyse image").click()
    expect(page.get_by_test_id("sweep")).to_be_visible()
    expect(page.get_by_role("img", name="Map of model probabilities")).to_be_visible()
    assert overflow(page) <= 0
    highest = page.get_by_test_id("sweep").get_attribute("data-highest")
    page.get_by_text("All squares as numbers").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as CSV").click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8"))))
    assert max(f"{float(row['probability']):.4f}" for row in rows) == highest
    assert {row["model"] for row in rows} == {KEY.slug}

    if not scripts:
        page.set_input_files("input[name=image]", large)
    page.get_by_role("button", name="Analyse image").click()
    expect(page.locator(VERDICT)).to_have_attribute("data-probability", highest or "")


def test_progress_is_read_from_the_answer(visit: Visit, large: Path) -> None:
    page = asked(visit(f"/{KEY}"), large)
    page.evaluate(
        """() => {
          const step = document.querySelector("[data-step]");
          window.seen = [];
          new MutationObserver(() => window.seen.push(step.textContent))
            .observe(step, { childList: true });
        }"""
    )
    page.get_by_role("radio", name="Map the whole image").check()
    page.get_by_role("button", name="Analyse image").click()
    expect(page.get_by_test_id("sweep")).to_be_visible()
    steps = page.evaluate("window.seen")
    assert any(re.fullmatch(r"\d+ of \d+ squares are read", step) for step in steps)


@each_width
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_form_and_map_can_be_used_by_everybody(
    visit: Visit, large: Path, width: int, theme: str
) -> None:
    page = asked(visit(f"/{KEY}", width=width, theme=theme), large)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("radio", name="Map the whole image").check()
    page.get_by_role("button", name="Analyse image").click()
    expect(page.get_by_test_id("sweep")).to_be_visible()
    page.get_by_text("All squares as numbers").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
