"""The strength of heat-maps, with scripts and without."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import COHORT, KEY, overflow, send

pytestmark = pytest.mark.browser


def strengths(page: Page) -> set[str]:
    """How opaque the heat-maps are that a page shows."""
    layers = page.locator(".heat-layer")
    return {
        str(layer.evaluate("layer => getComputedStyle(layer).opacity")) for layer in layers.all()
    }


@pytest.mark.parametrize(("place", "maps"), [(KEY, 1), (COHORT, 3)], ids=["single", "compare"])
def test_a_slider_sets_the_strength(visit: Visit, picture: Path, place: object, maps: int) -> None:
    page = visit(f"/{place}")
    page.get_by_label("Show where the model looked").check()
    send(page, picture)

    expect(page.locator(".heat-layer")).to_have_count(maps)
    assert strengths(page) == {"0.7"}
    expect(page.get_by_label("70 %")).to_be_hidden()
    slider = page.get_by_label("Strength of the heat-map")
    slider.focus()
    page.keyboard.press("Home")
    assert strengths(page) == {"0"}
    expect(slider).to_have_attribute("aria-valuetext", "0 %")
    page.keyboard.press("End")
    assert strengths(page) == {"1"}


@pytest.mark.parametrize(("place", "maps"), [(KEY, 1), (COHORT, 3)], ids=["single", "compare"])
def test_without_scripts_there_are_three_strengths(
    visit: Visit, picture: Path, place: object, maps: int
) -> None:
    page = visit(f"/{place}", scripts=False)
    page.get_by_label("Show where the model looked").check()
    send(page, picture)

    expect(page.locator(".heat-layer")).to_have_count(maps)
    expect(page.locator("[data-heat-strength]")).to_be_hidden()
    assert strengths(page) == {"0.7"}
    for label, strength in (("35 %", "0.35"), ("Off", "0"), ("70 %", "0.7")):
        page.get_by_label(label, exact=True).check()
        assert strengths(page) == {strength}
    expect(page.get_by_label("Show where the model looked")).to_be_checked()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_heat_map_covers_its_image_and_nothing_overflows(
    visit: Visit, picture: Path, width: int
) -> None:
    for place in (KEY, COHORT):
        page = visit(f"/{place}", width=width)
        page.get_by_label("Show where the model looked").check()
        send(page, picture)
        image, layer = (
            page.locator(".heat-stack img").nth(index).bounding_box() for index in (0, 1)
        )
        assert image == layer
        assert image is not None
        assert image["width"] == image["height"] > 100
        assert overflow(page) <= 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("place", [KEY, COHORT], ids=["single", "compare"])
def test_print_has_the_scale_and_no_controls(
    visit: Visit, picture: Path, place: object, scripts: bool
) -> None:
    page = visit(f"/{place}", scripts=scripts)
    page.get_by_label("Show where the model looked").check()
    send(page, picture)
    page.emulate_media(media="print")

    expect(page.locator(".heat-ramp")).to_be_visible()
    expect(page.locator(".heat-steps")).to_be_hidden()
    expect(page.locator("[data-heat-strength]")).to_be_hidden()
