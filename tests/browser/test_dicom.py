"""A DICOM file of several frames, with scripts and without."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, choose, drop, overflow, send
from tests.dicoms import frames, ramp

pytestmark = pytest.mark.browser


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A file of three frames, of the modality of the page."""
    path = tmp_path / "several.dcm"
    modality = KEY.modality.dicom_modality
    path.write_bytes(frames(ramp(), ramp() // 2, ramp() // 3, modality=modality))
    return path


@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
def test_with_scripts_the_file_stays_chosen(visit: Visit, several: Path, place: str) -> None:
    page = visit(place)
    send(page, several)
    expect(page.locator(BANNER)).to_contain_text("The file holds several frames")
    expect(page.get_by_text("Choose the file again, too")).to_be_hidden()
    page.get_by_label("Frame").fill("2")
    page.get_by_role("button", name="Analyse").click()
    expect(page.locator(VERDICT).first).to_be_visible()
    expect(page.get_by_text("Frame 2 of 3.")).to_be_visible()


each_way = pytest.mark.parametrize("take", [choose, drop])


@each_way
@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
def test_another_file_is_not_asked_for_a_frame(
    visit: Visit, several: Path, picture: Path, place: str, take: Callable[[Page, Path], None]
) -> None:
    page = visit(place)
    send(page, several)
    page.get_by_label("Frame").fill("2")
    take(page, picture)
    expect(page.get_by_label("Frame")).to_have_count(0)
    page.get_by_role("button", name="Analyse").click()
    expect(page.locator(VERDICT).first).to_be_visible()


def test_a_frame_that_the_gate_refused_is_not_asked_for_of_another_file(
    visit: Visit, tmp_path: Path, picture: Path
) -> None:
    blank = np.full((64, 64), 90, np.uint16)
    scan = tmp_path / "blank.dcm"
    scan.write_bytes(frames(blank, blank, modality=KEY.modality.dicom_modality))
    page = visit(f"/{KEY}")
    send(page, scan)
    page.get_by_label("Frame").fill("2")
    page.get_by_role("button", name="Analyse").click()
    expect(page.get_by_label("Analyse anyway")).to_be_visible()
    expect(page.get_by_label("Frame")).to_have_value("2")
    choose(page, picture)
    expect(page.get_by_label("Frame")).to_have_count(0)
    page.get_by_role("button", name="Analyse").click()
    expect(page.locator(VERDICT)).to_be_visible()


def test_a_frame_is_needed_as_long_as_the_file_stays(visit: Visit, several: Path) -> None:
    page = visit(f"/{KEY}")
    send(page, several)
    page.get_by_role("button", name="Analyse").click()
    expect(page.get_by_label("Frame")).to_be_focused()  # by the browser, which asks to fill it
    assert not page.get_by_label("Frame").evaluate("field => field.validity.valid")


def test_without_scripts_another_file_needs_no_frame(
    visit: Visit, several: Path, picture: Path
) -> None:
    page = visit(f"/{KEY}", scripts=False)
    send(page, several)
    expect(page.get_by_label("Frame")).to_be_visible()
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()


def test_without_scripts_the_reader_chooses_it_again(visit: Visit, several: Path) -> None:
    page = visit(f"/{KEY}", scripts=False)
    send(page, several)
    expect(page.get_by_text("Choose the file again, too")).to_be_visible()
    page.get_by_label("Frame").fill("3")
    send(page, several)
    expect(page.locator(VERDICT)).to_be_visible()
    expect(page.get_by_text("Frame 3 of 3.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_question_can_be_read_by_everybody(
    visit: Visit, several: Path, width: int, theme: str
) -> None:
    page = visit(f"/{KEY}", width=width, theme=theme)
    send(page, several)
    expect(page.get_by_label("Frame")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert overflow(page) <= 0
