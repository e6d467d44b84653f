"""From an image to a verdict, as users go."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models.catalogue import Comparison, ModelKey, model_keys
from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, WHOLE, overflow, send

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("width", [390, 1280])
def test_an_image_gets_a_verdict(
    visit: Visit, picture: Path, width: int, scripts: bool, theme: str
) -> None:
    page = visit(f"/{KEY}", width=width, scripts=scripts, theme=theme)
    send(page, picture)

    verdict = page.locator(VERDICT)
    expect(verdict).to_have_attribute("data-model", str(KEY))
    label = verdict.get_attribute("data-label")
    assert label in KEY.modality.labels
    word = verdict.get_attribute("data-word")
    assert word in {label, "Uncertain"}
    expect(verdict.get_by_role("heading", level=2)).to_have_text(word)
    expect(page.locator("[data-stage] .prepared img")).to_be_visible()
    expect(page.locator("[data-stage] .original img")).to_have_count(int(scripts))
    expect(page).to_have_title(f"{word}: {KEY.title} - Breast imaging bench")


@pytest.mark.parametrize(("width", "height"), [(1280, 844), (390, 844), (640, 360)])
@pytest.mark.parametrize(
    ("place", "heading"), [(KEY, "#verdict-word"), (COHORT, "#answers")], ids=["single", "compare"]
)
def test_the_heading_of_an_answer_is_in_sight(
    visit: Visit, picture: Path, place: object, heading: str, width: int, height: int
) -> None:
    page = visit(f"/{place}", width=width)
    page.set_viewport_size({"width": width, "height": height})
    page.get_by_label("Show where the model looked").check()
    send(page, picture)
    expect(page.locator(heading)).to_be_focused()
    expect(page.locator(heading)).to_be_in_viewport(ratio=1)
    box = page.locator(heading).bounding_box()
    assert box is not None
    assert box["height"] > 16


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_every_model_answers(visit: Visit, picture: Path, key: ModelKey) -> None:
    page = visit(f"/{key}", scripts=False)
    send(page, picture)

    expect(page.locator(VERDICT)).to_have_attribute("data-model", str(key))


def test_a_keyboard_is_enough(visit: Visit, picture: Path) -> None:
    page = visit(f"/{KEY}")
    # Chromium is told to hand out choosers when somebody first listens, which takes a moment.
    page.on("filechooser", lambda _: None)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "#image")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(picture)
    _tab_to(page, "button[type=submit]")
    page.keyboard.press("Enter")

    expect(page.locator("#verdict-word")).to_be_focused()
    _tab_to(page, ".bench-more > summary")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("roc")).to_be_visible()
    expect(page.get_by_test_id("confusion")).to_be_visible()


def _tab_to(page: Page, selector: str, most: int = 20) -> None:
    for _ in range(most):
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{most} presses of Tab did not reach {selector}")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_refusal_is_read_first(visit: Visit, no_picture: Path, scripts: bool) -> None:
    page = visit(f"/{KEY}", scripts=scripts)
    send(page, no_picture)

    banner = page.locator(BANNER)
    expect(banner).to_have_attribute("role", "alert")
    expect(banner).to_contain_text("Expected:")
    expect(banner).to_contain_text("Received:")
    expect(page.locator("input[name=image]")).to_be_visible()
    expect(banner).to_be_focused()


def test_after_a_refusal_another_image_gets_its_verdict(
    visit: Visit, picture: Path, no_picture: Path
) -> None:
    page = visit(f"/{KEY}")
    send(page, no_picture)
    page.set_input_files("input[name=image]", picture)
    page.click("button[type=submit]")

    expect(page.locator(VERDICT)).to_be_visible()
    expect(page.locator(BANNER)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("compared", [COHORT, WHOLE], ids=str)
def test_a_comparison_has_a_row_per_model_on_one_axis(
    visit: Visit, picture: Path, compared: Comparison, width: int, scripts: bool
) -> None:
    page = visit(f"/{compared}", width=width, scripts=scripts)
    send(page, picture)

    rows = page.locator(VERDICT)
    expect(rows).to_have_count(len(compared.keys))
    models = [row.get_attribute("data-model") for row in rows.all()]
    assert models == [str(key) for key in compared.keys]
    bars = [row.locator(".bar svg").first for row in rows.all()]
    boxes = [bar.bounding_box() for bar in bars]
    assert len({(box["x"], box["width"]) for box in boxes if box}) == 1
    expect(page.get_by_test_id("agreement")).to_contain_text("model")
    together = page.locator("tfoot")
    expect(together).to_contain_text("range ")
    expect(together.locator("svg")).to_have_count(0)  # calibrated ones have no place on that axis


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_study_is_sorted_and_narrowed(visit: Visit, scripts: bool) -> None:
    page = visit("/study", scripts=scripts)
    head = page.get_by_role("columnheader", name="Training")
    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    cells = page.locator("tbody td:nth-child(3)").all_inner_texts()
    assert cells == sorted(cells)

    head.get_by_role("link").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert page.locator("tbody td:nth-child(3)").all_inner_texts() == cells[::-1]

    page.get_by_role("list", name="Show one kind").get_by_role(
        "link", name=KEY.modality.title
    ).click()
    mine = sum(key.modality == KEY.modality for key in model_keys())
    expect(page.locator("tbody tr")).to_have_count(mine)
    expect(head).to_have_attribute("aria-sort", "descending")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_operating_point_is_chosen_by_keyboard(visit: Visit, scripts: bool) -> None:
    page = visit(f"/study/{KEY}", scripts=scripts)
    points = page.get_by_role("navigation", name="Operating point").get_by_role("link")
    shown = page.get_by_test_id("point")
    expect(shown).to_have_attribute("data-point", "best-f1")
    points.last.focus()
    page.keyboard.press("Enter")

    expect(shown).to_have_attribute("data-point", "high-sensitivity")
    expect(points.last).to_have_attribute("aria-current", "true")
    expect(points.first).not_to_have_attribute("aria-current", "true")
    expect(page.get_by_test_id("roc").locator("svg")).to_contain_text("threshold 0.20")


@pytest.mark.parametrize("width", [390, 1280])
def test_labels_of_a_bar_never_meet(visit: Visit, picture: Path, width: int) -> None:
    page = visit(f"/{KEY}", width=width)
    send(page, picture)
    for share in (0.0, 0.05, 0.29, 0.31, 0.41, 0.5, 0.69, 0.71, 0.95, 1.0):
        meet, outside = page.evaluate(_MOVE_AND_MEASURE, share)

        assert not meet, share
        assert not outside, share


_MOVE_AND_MEASURE = """share => {
  // Put both labels where another probability would put them, as portal/figures does.
  const texts = [...document.querySelectorAll(".verdict .bar text")];
  const anchor = share < 0.3 ? "start" : share > 0.7 ? "end" : "middle";
  texts.slice(0, 2).forEach(text => {
    text.setAttribute("x", `${100 * share}%`);
    text.setAttribute("text-anchor", anchor);
  });
  const boxes = texts.map(text => text.getBoundingClientRect());
  const meet = boxes.some((one, index) => boxes.slice(index + 1).some(other =>
    one.left < other.right && other.left < one.right &&
    one.top < other.bottom && other.top < one.bottom));
  return [meet, boxes.some(box => box.left < 0 || box.right > innerWidth)];
}"""


def test_answers_do_not_stick_out_of_a_phone(visit: Visit, picture: Path) -> None:
    for path in (f"/{KEY}", f"/{COHORT}", f"/{WHOLE}"):
        page = visit(path, width=390)
        send(page, picture)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

        assert overflow(page) == 0
