"""The style sheet's colours can be read, in light and in dark."""

import re
from itertools import product
from pathlib import Path

import pytest

from portal.figures.confusion import STRONGEST_SHADE

CSS = (Path(__file__).parents[2] / "static" / "portal.css").read_text("utf-8")
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z-]+): var\(--in-light, (#[0-9a-f]{6})\) var\(--in-dark, (#[0-9a-f]{6})\);", CSS
    )
}
THEMES = ("light", "dark")

TEXT = [
    *product(("ink", "muted", "accent", "positive", "negative", "uncertain"), ("page", "surface")),
    *product(("ink", "muted"), ("sunken",)),
    ("ink", "accent-soft"),
    ("ink", "positive-soft"),
    ("ink", "negative-soft"),
    ("ink", "uncertain-soft"),
    ("on-accent", "accent"),
    ("on-stage", "stage"),
]
SHAPES = [
    *product(("control", "accent", "positive", "negative", "uncertain"), ("page", "surface")),
    ("positive", "positive-soft"),
    ("negative", "negative-soft"),
    ("uncertain", "uncertain-soft"),
]

Colour = tuple[float, float, float]


def _colour(token: str, theme: str) -> Colour:
    text = TOKENS[token][THEMES.index(theme)]
    red, green, blue = (int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: Colour, other: Colour) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _blend(over: Colour, under: Colour, opacity: float) -> Colour:
    red, green, blue = (
        opacity * top + (1 - opacity) * bottom for top, bottom in zip(over, under, strict=True)
    )
    return red, green, blue


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(text: str, ground: str, theme: str) -> None:
    assert _contrast(_colour(text, theme), _colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_seen(shape: str, ground: str, theme: str) -> None:
    assert _contrast(_colour(shape, theme), _colour(ground, theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("token", "least"), [("ink", 4.5), ("muted", 4.5), ("accent", 4.5), ("control", 3)]
)
def test_a_figure_in_light_colours_can_be_read_on_the_paper_of_either_theme(
    token: str, least: float, theme: str
) -> None:
    red, green, blue = _colour("paper", theme)
    drawn = _colour(token, "light")
    multiplied = (drawn[0] * red, drawn[1] * green, drawn[2] * blue)

    assert _contrast(multiplied, (red, green, blue)) >= least


def test_the_paper_of_figures_is_softened_in_the_dark() -> None:
    assert _luminance(_colour("paper", "light")) == 1
    assert _luminance(_colour("paper", "dark")) < 0.75


@pytest.mark.parametrize("theme", THEMES)
def test_numbers_can_be_read_on_the_strongest_shade(theme: str) -> None:
    shade = _blend(_colour("accent", theme), _colour("page", theme), STRONGEST_SHADE)

    assert _contrast(_colour("ink", theme), shade) >= 4.5


def test_every_colour_is_a_token() -> None:
    rules = CSS.split("Base */", 1)[1]
    allowed = {"#ffffff"}  # the paper of print

    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) <= allowed
