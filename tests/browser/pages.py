"""What the browser tests do on a page, and which pages there are."""

import re
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from models.catalogue import WholeModality, cohorts, model_keys
from portal import create_app
from portal.route_registry import RouteRegistry
from portal.settings import Settings

KEY = model_keys()[0]
COHORT = cohorts()[0]
WHOLE = WholeModality(modality=COHORT.modality)

VERDICT = "[data-testid=verdict]"
BANNER = "[data-testid=banner]"


def _registered() -> tuple[str, ...]:
    """Every page of the registry; where an address takes a model's name, with the first one."""
    with TemporaryDirectory() as folder:
        app = create_app(Settings(upload_dir=Path(folder), cache_dir=Path(folder)))
        routes = RouteRegistry(app)
    pages = (
        *routes.static_pages,
        *routes.document_pages,
        *routes.study_pages,
        *routes.single_routes,
        *routes.compare_routes,
        *routes.several_pages,
    )
    return tuple(re.sub(r'<any\("(\w+)".*?>', r"\1", page) for page in pages)


PAGES = _registered()
"""The address of every page but those of accounts."""

PATHS = (
    *PAGES,
    f"/study/{KEY}?point=high-sensitivity",
    f"/study/{KEY}?point=nearest",
    f"/study/{KEY}?threshold=0.37&prevalence=0.1",
    f"/study/compare?a={COHORT.keys[0]}&b={COHORT.keys[1]}",
)
"""The same, and some of them as they are after a choice."""


def send(page: Page, path: Path) -> None:
    """Choose a file and send the form, as with a mouse; wait for the answer and its styles."""
    page.set_input_files("input[name=image]", path)
    page.click("button[type=submit]")
    page.wait_for_selector(f"{VERDICT}, {BANNER}", state="attached")
    page.wait_for_load_state()


def drop(page: Page, path: Path) -> None:
    """Drop a file on the form."""
    page.evaluate(
        """async ([name, content]) => {
          const bytes = Uint8Array.from(atob(content), each => each.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], name));
          const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true});
          document.querySelector("[data-drop]").dispatchEvent(drop);
        }""",
        [path.name, b64encode(path.read_bytes()).decode()],
    )


def choose(page: Page, path: Path) -> None:
    """Choose a file in the form."""
    page.set_input_files("input[name=image]", path)


def space_text(page: Page) -> None:
    """Widen a page's text as WCAG 1.4.12 lets readers do."""
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
            line-height: 1.5 !important } p { margin-bottom: 2em !important }`);
          document.adoptedStyleSheets = [sheet];
        }"""
    )


def overflow(page: Page) -> int:
    """How many pixels of the page stick out to the side, once its style sheet is there."""
    page.wait_for_load_state()
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
