"""What axe finds on a page."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
_LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds in light and in dark, with everything unfolded."""
    page.evaluate(_AXE)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for each in page.evaluate("levels => axe.run({runOnly: levels})", _LEVELS)["violations"]:
            found += [f"{theme}: {each['id']}: {node['html']}" for node in each["nodes"]]
    return found
