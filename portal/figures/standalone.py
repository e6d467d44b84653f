"""A figure of a page as an SVG file of its own: light colours, and its title written in it."""

import re
from html import escape

PAPER, INK = "#ffffff", "#171b1d"
MUTED, LINE, CONTROL, ACCENT = "#525b60", "#d5dbdc", "#768086", "#0b6165"
"""The light colours of static/portal.css; a test compares them."""

_HEADING = 80  # units above the drawing
_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"
_STYLES = {
    "tick": {"fill": MUTED, "font-size": "13"},
    "label": {"fill": MUTED},
    "strong": {"font-weight": "600"},
    "count": {"font-size": "26", "font-weight": "600"},
    "grid": {"stroke": LINE, "fill": "none"},
    "no-skill": {"stroke": MUTED, "stroke-width": "1", "stroke-dasharray": "3 4", "fill": "none"},
    "curve": {"stroke": ACCENT, "stroke-width": "2.5", "stroke-linejoin": "round", "fill": "none"},
    "curve-other": {
        "stroke": INK,
        "stroke-width": "2",
        "stroke-dasharray": "7 3",
        "stroke-linejoin": "round",
        "fill": "none",
    },
    "curve-quiet": {
        "stroke": MUTED,
        "stroke-width": "1.5",
        "stroke-linejoin": "round",
        "fill": "none",
    },
    "area": {"fill": ACCENT, "fill-opacity": "0.08"},
    "whisker": {"stroke": INK, "stroke-width": "1.5"},
    "operating": {"fill": PAPER, "stroke": INK, "stroke-width": "2.5"},
    "operating-first": {"stroke": ACCENT},
    "halo": {
        "stroke": PAPER,
        "stroke-width": "4",
        "paint-order": "stroke",
        "stroke-linejoin": "round",
    },
    "stage-line": {"stroke": MUTED, "stroke-dasharray": "2 3"},
    "shade": {"fill": ACCENT},
    "shade-frame": {"fill": "none", "stroke": LINE},
    "right": {"stroke": ACCENT, "stroke-width": "1.5"},
    "dot": {"fill": ACCENT},
    "dot-quiet": {"fill": MUTED},
}
"""Class of a figure in a page -> what static/portal.css says of it, as attributes."""


def standalone(html: str, title: str, *lines: str) -> str:
    """The SVG file of the figure in a piece of a page.

    Colours and strokes become attributes, so that the file needs no style sheet.

    Args:
        html: with one ``<svg viewBox="0 0 width height" ...>`` of this project's figures.
        title: the first line above the drawing.
        lines: at most two below it, small and gray.

    Raises:
        ValueError: there is no such drawing.
    """
    found = re.search(r'<svg viewBox="0 0 ([0-9.]+) ([0-9.]+)"([^>]*)>(.*?)</svg>', html, re.DOTALL)
    if not found:
        raise ValueError("expected a drawing, received none")
    width, height, names, body = found.groups()
    tall = f"{float(height) + _HEADING:g}"
    small = "".join(
        f'<text x="14" y="{44 + 18 * index - _HEADING}" font-size="12" fill="{MUTED}">'
        f"{escape(line)}</text>\n"
        for index, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-_HEADING} {width} {tall}" '
        f'width="{width}" height="{tall}"{names} fill="{INK}" font-family="{_FONT}" '
        'font-size="14">\n'
        f'<rect y="{-_HEADING}" width="{width}" height="{tall}" fill="{PAPER}"/>\n'
        f'<text x="14" y="{24 - _HEADING}" font-weight="600">{escape(title)}</text>\n'
        f"{small}{_with_attributes(body)}</svg>\n"
    )


def _with_attributes(body: str) -> str:
    """Every class as its attributes; what only the page's script needs is left out."""
    bare = re.sub(r' data-[a-z-]+(="[^"]*")?', "", body)
    spoken = re.sub(r' class="([^"]*)"', lambda found: _attributes(found[1].split()), bare)
    return re.sub(r"\n\s*\n", "\n", spoken)


def _attributes(names: list[str]) -> str:
    merged: dict[str, str] = {}
    for name in sorted(names, key=list(_STYLES).index):
        merged |= _STYLES[name]
    return "".join(f' {name}="{value}"' for name, value in merged.items())
