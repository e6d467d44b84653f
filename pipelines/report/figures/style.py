"""Ink, colours and form that the report's figures share."""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from models.catalogue import BACKBONES, STRATEGIES, ModelKey
from models.specs import StrategySpec
from pipelines.report.published import Models, Published

INK, MUTED, GRAY, ACCENT = "#171b1d", "#525b60", "#768086", "#0b6165"
"""The light colours of static/portal.css; its blue and orange are left to the two labels."""

STYLE: Any = {
    "font.size": 10,
    "font.sans-serif": ["DejaVu Sans"],
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRAY,
    "xtick.color": GRAY,
    "ytick.color": GRAY,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
}
_COLOURS = (ACCENT, INK, GRAY)  # of three lightnesses, for gray print
_DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1)))


def looks() -> Iterator[tuple[str, Any]]:
    """Colour and dashes of one line after another: nine, of which neighbours differ in both."""
    for shift in range(len(_DASHES)):
        yield from zip(_COLOURS, _DASHES[shift:] + _DASHES[:shift], strict=True)


LINES: Mapping[str, tuple[str, Any]] = dict(zip(BACKBONES, cycle(looks()), strict=False))
"""Backbone -> colour and dashes, so that neither alone has to tell."""

_COORDINATES = re.compile(r' (?:d|x|y|transform)="[^"]*"')
_DIGITS = re.compile(r"(\.\d\d)\d+")


def _shortened(attribute: re.Match[str]) -> str:
    """Coordinates to a hundredth of a point: the file is smaller, and nobody sees it."""
    return _DIGITS.sub(r"\1", attribute[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure, its name, and its words for those who see it and those who do not."""

    name: str  # of the file, without suffix
    words: str  # how to read it
    alt: str  # what it shows
    figure: Figure

    def svg(self) -> bytes:
        """The same bytes for the same figure, every time."""
        drawn = io.BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
        self.figure.set_layout_engine("none")  # it would move everything a little once more
        return _COORDINATES.sub(_shortened, drawn.getvalue().decode()).encode()

    def markdown(self, folder: str) -> str:
        """The words and the picture."""
        return f"{self.words}\n\n![{self.alt}]({folder}/{self.name}.svg)"


def by_strategy(models: Models) -> Iterator[tuple[StrategySpec, Models]]:
    """The models of each strategy of the catalogue."""
    for strategy in STRATEGIES.values():
        yield strategy, {key: each for key, each in models.items() if key.strategy == strategy}


def panels_by_strategy(models: Models) -> tuple[Figure, Iterator[tuple[Axes, Models]]]:
    """A figure with a square panel per strategy, and each panel with its models."""
    figure = Figure(figsize=(4.5 * len(STRATEGIES), 4.6), layout="constrained")
    row = figure.subplots(1, len(STRATEGIES), squeeze=False, sharex=True, sharey=True)[0]

    def panels() -> Iterator[tuple[Axes, Models]]:
        for axes, (strategy, mine) in zip(row, by_strategy(models), strict=True):
            axes.set_title(strategy.title)
            yield axes, mine

    return figure, panels()


def panels_by_model(
    models: Models, height: float
) -> tuple[Figure, Iterator[tuple[Axes, ModelKey, Published]]]:
    """A figure with a row per strategy and a column per backbone, and each model's panel.

    Args:
        models: of one modality; where one is missing, its panel says so.
        height: of one panel, in inches.
    """
    figure = Figure(figsize=(3 * len(BACKBONES), height * len(STRATEGIES)), layout="constrained")
    grid = figure.subplots(len(STRATEGIES), len(BACKBONES), squeeze=False, sharex=True, sharey=True)

    def panels() -> Iterator[tuple[Axes, ModelKey, Published]]:
        found = {(key.strategy.key, key.backbone.key): key for key in models}
        for row, strategy in zip(grid, STRATEGIES.values(), strict=True):
            for axes, backbone in zip(row, BACKBONES.values(), strict=True):
                axes.set_title(f"{backbone.title}\n{strategy.title.lower()}")
                key = found.get((strategy.key, backbone.key))
                if key is None:
                    axes.text(0.5, 0.5, "not published", transform=axes.transAxes, ha="center")
                else:
                    yield axes, key, models[key]

    return figure, panels()


def in_percent(axes: Axes) -> None:
    """Both axes of a panel, which run from 0 to 1, with room for marks at their ends."""
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, symbol=None))


def label_outside(figure: Figure, x: str, y: str) -> None:
    """Name the horizontal axis below the lowest panels, the vertical one left of the first."""
    for axes in figure.axes:
        place = axes.get_subplotspec()
        if place is not None and place.is_last_row():
            axes.set_xlabel(x)
        if place is not None and place.is_first_col():
            axes.set_ylabel(y)
