"""Confusion matrices of one modality's models."""

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from models.card import ConfusionMatrix
from models.specs import ModalitySpec
from pipelines.report import markdown
from pipelines.report.figures.style import ACCENT, STYLE, Drawing, label_outside, panels_by_model
from pipelines.report.published import Models

_MEANINGS = (("rightly passed", "false alarms"), ("missed", "found"))
_SHADES = LinearSegmentedColormap.from_list("shades", ("white", ACCENT))


@mpl.rc_context(STYLE)
def confusion(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per model: counts of test images, shaded by their share of what they truly are."""
    figure, panels = panels_by_model(models, height=2.7)
    truths = [each.capitalize().replace(" ", "\n") for each in (modality.spared, modality.found)]
    for axes, _, model in panels:
        _draw(axes, model.card.confusion)
        axes.set_xticks((0.5, 1.5), modality.labels)
        axes.set_yticks((0.5, 1.5), truths)
        axes.tick_params(length=0)
    for axes in figure.axes:
        axes.set(xlim=(0, 2), ylim=(2, 0))
    label_outside(figure, "the model leaned to", "in truth")
    counts = "; ".join(
        f"{key.short_title} {model.card.confusion.true_positive} found, "
        f"{model.card.confusion.false_negative} missed, {model.card.confusion.true_negative} "
        f"rightly passed, {model.card.confusion.false_positive} false alarms"
        for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_confusion",
        words="Test images by what they are and what they are called, each model at its "
        "threshold, with the share of those that are the same.",
        alt=f"Confusion matrices, {modality.title.lower()}: {counts}.",
        figure=figure,
    )


def _draw(axes: Axes, counts: ConfusionMatrix) -> None:
    table = np.array(
        [
            [counts.true_negative, counts.false_positive],
            [counts.false_negative, counts.true_positive],
        ]
    )
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.pcolormesh(shares, cmap=_SHADES, vmin=0.0, vmax=2.5)  # ink can be read on it
    for (row, column), count in np.ndenumerate(table):
        share = shares[row, column]
        axes.text(
            column + 0.5,
            row + 0.5,
            f"{count}\n{markdown.percent(share)}\n{_MEANINGS[row][column]}",
            ha="center",
            va="center",
        )
