"""What the browser tests do on a page, and which pages there are."""

from pathlib import Path

from playwright.sync_api import Page

from models.catalogue import MODALITIES, WholeModality, cohorts, model_keys

KEY = model_keys()[0]
COHORT = cohorts()[0]
WHOLE = WholeModality(modality=COHORT.modality)

VERDICT = "[data-testid=verdict]"
BANNER = "[data-testid=banner]"

PATHS = (
    "/",
    "/about",
    "/api",
    *(f"/{key}" for key in MODALITIES),
    "/notebooks",
    *(f"/notebooks/{key}" for key in MODALITIES),
    "/study",
    "/study/report",
    f"/study/{KEY}?point=high-sensitivity",
    f"/study/{KEY}?point=nearest",
    f"/study/{KEY}?threshold=0.37&prevalence=0.1",
    f"/study/{KEY}/card",
    "/study/compare",
    f"/study/compare?a={COHORT.keys[0]}&b={COHORT.keys[1]}",
    *(f"/study/{key}" for key in COHORT.keys),
    f"/{KEY}",
    f"/{COHORT}",
    f"/{WHOLE}",
)


def send(page: Page, path: Path) -> None:
    """Choose a file and send the form, as with a mouse; wait for the answer."""
    page.set_input_files("input[name=image]", path)
    page.click("button[type=submit]")
    page.wait_for_selector(f"{VERDICT}, {BANNER}", state="attached")


def overflow(page: Page) -> int:
    """How many pixels of the page stick out to the side."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
