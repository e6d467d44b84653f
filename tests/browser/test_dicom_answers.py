"""An answer that is a DICOM file, with scripts and without."""

from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pydicom import dcmread

from models.catalogue import cohorts
from tests.browser.conftest import Visit
from tests.browser.pages import BANNER, COHORT, KEY, VERDICT, overflow, send
from tests.dicoms import dicom, frames, ramp

pytestmark = pytest.mark.browser

STUDY = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.2"}
KINDS = {"a DICOM Structured Report": "SR", "a DICOM Secondary Capture": "OT"}
each_kind = pytest.mark.parametrize("kind", KINDS)
with_and_without_scripts = pytest.mark.parametrize("scripts", [True, False])


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A DICOM file that names its study."""
    path = tmp_path / "scan.dcm"
    path.write_bytes(dicom(ramp(), modality=KEY.modality.dicom_modality, **STUDY))
    return path


def choose(page: Page, kind: str) -> None:
    page.get_by_text("Answer as a DICOM file").click()
    page.get_by_label(kind).check()


@each_kind
@with_and_without_scripts
@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
def test_the_browser_saves_the_file_and_the_page_stays(
    visit: Visit, scan: Path, place: str, kind: str, scripts: bool
) -> None:
    page = visit(place, scripts=scripts)
    page.set_input_files("input[name=image]", scan)
    choose(page, kind)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Analyse").click()
    assert saved.value.suggested_filename.endswith(".dcm")
    assert dcmread(saved.value.path()).Modality == KINDS[kind]
    expect(page.get_by_label(kind)).to_be_checked()
    expect(page.locator(BANNER)).to_have_count(0)
    if scripts:
        name = saved.value.suggested_filename
        expect(page.get_by_role("main").get_by_text(name)).to_be_visible()


@pytest.mark.parametrize("place", [f"/{KEY}", f"/{COHORT}"])
def test_the_keyboard_goes_on_at_the_word_of_the_saved_file(
    visit: Visit, scan: Path, place: str
) -> None:
    page = visit(place)
    page.set_input_files("input[name=image]", scan)
    choose(page, "a DICOM Structured Report")
    button = page.get_by_role("button", name="Analyse")
    button.focus()
    with page.expect_download():
        page.keyboard.press("Enter")
    expect(page.locator("[data-saved]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()


@with_and_without_scripts
def test_an_image_of_another_format_is_refused_in_place(
    visit: Visit, picture: Path, scripts: bool
) -> None:
    page = visit(f"/{KEY}", scripts=scripts)
    choose(page, "a DICOM Structured Report")
    send(page, picture)
    expect(page.locator(BANNER)).to_contain_text("Only a DICOM file can be answered with one")
    expect(page.get_by_label("a DICOM Structured Report")).to_be_checked()
    chosen = page.locator("input[name=image]").evaluate("input => input.files.length")
    assert chosen == (1 if scripts else 0)  # only a script can keep it
    page.get_by_label("this page").check()
    send(page, picture)
    expect(page.locator(VERDICT)).to_be_visible()


@with_and_without_scripts
def test_one_frame_of_several_is_answered(visit: Visit, tmp_path: Path, scripts: bool) -> None:
    scan = tmp_path / "clip.dcm"
    scan.write_bytes(
        frames(ramp(), ramp() // 2, ramp() // 3, modality=KEY.modality.dicom_modality, **STUDY)
    )
    page = visit(f"/{KEY}", scripts=scripts)
    choose(page, "a DICOM Structured Report")
    send(page, scan)
    expect(page.locator(BANNER)).to_contain_text("The file holds several frames")
    page.get_by_label("Frame").fill("2")
    save(page, scan, scripts=scripts)


@with_and_without_scripts
def test_a_square_of_a_large_image_is_answered(visit: Visit, tmp_path: Path, scripts: bool) -> None:
    key = next(key for cohort in cohorts() if cohort.modality.region for key in cohort.keys)
    large = np.tile(ramp(), (16, 16))
    scan = tmp_path / "film.dcm"
    scan.write_bytes(dicom(large, modality=key.modality.dicom_modality, **STUDY))
    page = visit(f"/{key}", scripts=scripts)
    choose(page, "a DICOM Secondary Capture")
    send(page, scan)
    expect(page.locator(BANNER)).to_contain_text("shows more than what the models read")
    save(page, scan, scripts=scripts)
    expect(page.get_by_label("Side", exact=True)).to_be_visible()


def save(page: Page, scan: Path, *, scripts: bool) -> None:
    """Send the form again; with scripts the page still has the file that it asked about."""
    if not scripts:
        page.set_input_files("input[name=image]", scan)
    with page.expect_download() as download:
        page.get_by_role("button", name="Analyse").click()
    assert dcmread(download.value.path()).StudyInstanceUID == STUDY["StudyInstanceUID"]
    expect(page.locator(BANNER)).to_have_count(0 if scripts else 1)  # of before: the page stays
    assert page.title().startswith(("Refused", "Choose")) != scripts


def test_the_keyboard_reaches_the_choice(visit: Visit) -> None:
    page = visit(f"/{KEY}")
    page.get_by_text("Answer as a DICOM file").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("this page")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("a DICOM Structured Report")).to_be_checked()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_choice_can_be_read_by_everybody(visit: Visit, width: int, theme: str) -> None:
    page = visit(f"/{KEY}", width=width, theme=theme)
    choose(page, "a DICOM Secondary Capture")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert overflow(page) == 0
