"""F1 and ROC AUC of all models with their intervals, on one figure."""

from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from models.catalogue import MODALITIES, STRATEGIES, ModelKey
from models.no_skill import no_skill_f1
from models.required_f1 import REQUIRED_F1, meets_required_f1
from pipelines.aims import AUC_AIMS
from pipelines.report.data import data_of
from pipelines.report.figures.style import FIRST, INK, QUIET, SECOND, STYLE, Drawing
from pipelines.report.published import Models, of_modality

_MARKS = ((FIRST, "o"), (SECOND, "s"))


@mpl.rc_context(STYLE)
def forest(models: Models) -> Drawing:
    """A row per model, by modality; a panel for F1 and one for ROC AUC."""
    places = _places(models)
    figure = Figure(figsize=(9, 1.2 + 0.27 * len(places)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, metric, title in ((left, "f1", "F1"), (right, "roc_auc", "ROC AUC")):
        _draw(axes, models, places, metric)
        axes.set(title=f"{title} on the test images", xlim=(0, 1.02))
    left.set_yticks(list(places.values()), [key.slug for key in places])
    left.set_ylim(max(places.values()) + 0.8, -0.8)
    _draw_aims(left, right, models, places)
    met = sum(meets_required_f1(model.card.metrics["test"]["f1"]) for model in models.values())
    return Drawing(
        name="all_models",
        words=f"F1 and ROC AUC with 95 % intervals. Dark lines: F1 {REQUIRED_F1:.2f} and the aims "
        "for the area; gray lines: what no skill gives. Blue dots: initially unfrozen; orange "
        "squares: progressive fine-tuning.",
        alt=f"F1 and ROC AUC of {len(models)} models with intervals; F1 of {met} is at least "
        f"{REQUIRED_F1:.2f}. The table of the summary has the numbers.",
        figure=figure,
    )


def _places(models: Models) -> Mapping[ModelKey, float]:
    """Each model's height: one per row, and a gap between modalities."""
    order = list(MODALITIES)
    return {key: number + 0.8 * order.index(key.modality.key) for number, key in enumerate(models)}


def _draw(axes: Axes, models: Models, places: Mapping[ModelKey, float], metric: str) -> None:
    marks = dict(zip(STRATEGIES, _MARKS, strict=True))
    for key, place in places.items():
        found = models[key].card.metrics["test"][metric]
        colour, mark = marks[key.strategy.key]
        axes.plot((found.low, found.high), (place, place), color=colour, linewidth=1.4)
        axes.plot(found.value, place, mark, color=colour, markersize=5)


def _draw_aims(left: Axes, right: Axes, models: Models, places: Mapping[ModelKey, float]) -> None:
    """Short lines beside each modality's rows: what was asked for, and what no skill gives."""
    for modality in MODALITIES.values():
        mine = of_modality(modality, models)
        if not mine:
            continue
        rows = [places[key] for key in mine]
        ends = (min(rows) - 0.5, max(rows) + 0.5)
        left.vlines(REQUIRED_F1, *ends, color=INK, linewidth=1.0)
        left.vlines(no_skill_f1(data_of(mine)), *ends, color=QUIET, linewidth=1.0)
        right.vlines(0.5, *ends, color=QUIET, linewidth=1.0)
        if modality.key in AUC_AIMS:
            right.vlines(AUC_AIMS[modality.key], *ends, color=INK, linewidth=1.0)
