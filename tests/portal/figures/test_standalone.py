import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from portal.figures import standalone as figures
from portal.figures.standalone import standalone

ROOT = Path(__file__).parents[3]
CSS = (ROOT / "static/portal.css").read_text("utf-8")
DRAWN = (
    '<figure><h3>ROC</h3><svg viewBox="0 0 440 300" role="img"><title>A &amp; B</title>\n\n'
    '<g data-mark data-left="1"><circle class="dot-quiet halo" r="5"/></g>'
    '<text class="halo strong" x="1">12</text></svg></figure>'
)


def test_it_is_a_drawing_of_its_own() -> None:
    text = standalone(DRAWN, "Title <1>", "model", "fingerprint")
    root = ET.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"

    assert root.tag == f"{name}svg"
    assert root.attrib["viewBox"] == "0 -80 440 380"
    assert (root.attrib["width"], root.attrib["height"]) == ("440", "380")
    assert root.attrib["role"] == "img"
    assert [each.text for each in root.iter(f"{name}text")] == [
        "Title <1>",
        "model",
        "fingerprint",
        "12",
    ]
    assert root.findtext(f"{name}title") == "A & B"
    assert not re.search(r"class=|data-|style|href", text)


def test_classes_become_attributes() -> None:
    text = standalone(DRAWN, "Title")

    assert f'<circle fill="{figures.MUTED}" r="5"/>' not in text
    circle = re.search(r"<circle([^>]*)/>", text)
    assert circle
    assert f'fill="{figures.MUTED}"' in circle[1]
    assert f'stroke="{figures.PAPER}"' in circle[1]
    assert 'font-weight="600"' in text


def test_without_a_drawing_there_is_no_file() -> None:
    with pytest.raises(ValueError, match="a drawing"):
        standalone("<p>nothing</p>", "Title")


@pytest.mark.parametrize("name", ["INK", "MUTED", "LINE", "CONTROL", "ACCENT"])
def test_colours_are_the_light_ones_of_the_page(name: str) -> None:
    light = re.search(rf"--{name.lower()}: var\(--in-light, (#[0-9a-f]{{6}})\)", CSS)
    assert light
    assert getattr(figures, name) == light[1]


def test_every_class_of_a_figure_is_known() -> None:
    used, of_answers = set(), {"estimate_bar", "probability_bar", "probability_map", "gate_scale"}
    for path in (ROOT / "templates/figures").glob("*.html"):
        if path.stem in of_answers:  # these are no files of their own
            continue
        for drawing in re.findall(r"<(?:line|text|circle|rect|poly\w+)[^>]*", path.read_text()):
            for value in re.findall(r'class="([^"]*)"', drawing):
                used |= set(re.findall(r"[a-z-]+", re.sub(r"\{\{.*?\}\}", _words, value)))
    assert used - {"validation"} <= set(figures._STYLES)  # that one is compared with, no class


def _words(found: re.Match[str]) -> str:
    return " ".join(re.findall(r"'([^']*)'", found[0]))
