"""F1 and ROC AUC of all models with their intervals, on one figure."""

from collections.abc import Mapping, Sequence
from typing import Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.catalogue import MODALITIES, STRATEGIES, ModelKey
from models.no_skill import no_skill_f1
from models.required_f1 import REQUIRED_F1, meets_required_f1
from pipelines.aims import AUC_AIMS
from pipelines.report.data import data_of
from pipelines.report.figures.style import ACCENT, GRAY, INK, MUTED, STYLE, Drawing
from pipelines.report.published import Models, of_modality

_MARKS = ((ACCENT, "o"), (INK, "s"))
_GAP, _HEADING = 1.4, 0.95  # in rows: between modalities, and from a title to its first row


@mpl.rc_context(STYLE)
def forest(models: Models) -> Drawing:
    """A row per model, by modality; a panel for F1 and one for ROC AUC."""
    places = _places(models)
    figure = Figure(figsize=(9, 1.2 + 0.27 * (max(places.values()) + 2)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, metric, title in ((left, "f1", "F1"), (right, "roc_auc", "ROC AUC")):
        _draw(axes, models, places, metric)
        axes.set(xlabel=f"{title} on the test images", xlim=(0, 1.02))
    left.set_yticks(list(places.values()), [key.short_title for key in places])
    left.set_ylim(max(places.values()) + 0.8, -1.5)
    _draw_aims(left, right, models, places)
    met = sum(meets_required_f1(model.card.metrics["test"]["f1"]) for model in models.values())
    return Drawing(
        name="all_models",
        words="F1 and ROC AUC with 95 % intervals. Dots: initially unfrozen; squares: "
        f"progressive fine-tuning. The aim of every F1 is {REQUIRED_F1:.2f}.",
        alt=f"F1 and ROC AUC of {len(models)} models with intervals; F1 of {met} is at least "
        f"{REQUIRED_F1:.2f}. The table of the summary has the numbers.",
        figure=figure,
    )


def _places(models: Models) -> Mapping[ModelKey, float]:
    """Each model's height: one per row, and a gap between modalities."""
    order = list(MODALITIES)
    return {key: number + _GAP * order.index(key.modality.key) for number, key in enumerate(models)}


def _draw(axes: Axes, models: Models, places: Mapping[ModelKey, float], metric: str) -> None:
    marks = dict(zip(STRATEGIES, _MARKS, strict=True))
    for key, place in places.items():
        found = models[key].card.metrics["test"][metric]
        colour, mark = marks[key.strategy.key]
        axes.plot((found.low, found.high), (place, place), color=colour, linewidth=1.4)
        axes.plot(found.value, place, mark, color=colour, markersize=5)


def _draw_aims(left: Axes, right: Axes, models: Models, places: Mapping[ModelKey, float]) -> None:
    """Each modality's name above its rows, and what is asked for and what no skill gives."""
    for modality in MODALITIES.values():
        mine = of_modality(modality, models)
        if not mine:
            continue
        rows = [places[key] for key in mine]
        left.annotate(
            modality.title,
            (0, min(rows) - _HEADING),
            xytext=(-7, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            weight="bold",
        )
        no_skill = no_skill_f1(data_of(mine))
        above = no_skill > REQUIRED_F1  # their words stand on the sides that are apart
        _draw_line(left, REQUIRED_F1, rows, "aim", INK, "right" if above else "left")
        _draw_line(left, no_skill, rows, "no skill", GRAY, "left" if above else "right")
        _draw_line(right, 0.5, rows, "no skill", GRAY, "right")
        if modality.key in AUC_AIMS:
            _draw_line(right, AUC_AIMS[modality.key], rows, "aim", INK, "right")


def _draw_line(
    axes: Axes,
    value: float,
    rows: Sequence[float],
    name: str,
    colour: str,
    side: Literal["left", "right"],
) -> None:
    """A short line beside a modality's rows, its name and value above it."""
    axes.vlines(value, min(rows) - 0.5, max(rows) + 0.5, color=colour, linewidth=1.0)
    place = (value, min(rows) - _HEADING)
    axes.annotate(f"{name} {value:.2f}", place, color=MUTED, ha=side, va="center", fontsize=9)
