"""Figures of one evaluated model as SVG files: how it learnt, and how it answers test images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models.card import ModelCard, OperatingPoint, Reliability, TrainingSummary

_INK, _QUIET, _TEST, _VALIDATION = "#1f2933", "#9aa5b1", "#0b67b2", "#c2570c"
_MARKS: Any = {  # one still shows where the other lies on it
    "best-f1": {"marker": "o", "color": "#c2570c"},
    "high-sensitivity": {
        "marker": "s",
        "color": "#7a3e9d",
        "markersize": 10,
        "markerfacecolor": "none",
    },
}
_STYLE: Any = {
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw_figures(card: ModelCard, folder: Path) -> None:
    """Write every figure as ``<name>.svg``: learning_curves, confusion_matrix, roc and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for draw in (learning_curves, confusion_matrix, roc, pr, calibration, decision):
        draw(card).savefig(folder / f"{draw.__name__}.svg")


@mpl.rc_context(_STYLE)
def learning_curves(card: ModelCard) -> Figure:
    """Loss and AUC per epoch, training and validation, with the stages marked."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, metric, title in zip(
        figure.subplots(1, 2), ("loss", "auc"), ("Loss", "ROC AUC"), strict=True
    ):
        _draw_learning(axes, card.training, metric)
        axes.set_title(title, pad=16)  # room for the stages' names
        axes.set_xlabel("Epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _draw_learning(axes: Axes, training: TrainingSummary, metric: str) -> None:
    """One metric per epoch: two lines, each with its name at its end."""
    epochs = np.arange(1, training.epochs + 1)
    lines = {"training": (metric, _TEST), "validation": (f"val_{metric}", _VALIDATION)}
    upper = max(lines, key=lambda label: training.history[lines[label][0]][-1])
    for label, (name, colour) in lines.items():
        values = training.history[name]
        axes.plot(epochs, values, color=colour, marker="o", markersize=3)
        axes.annotate(
            label,
            (epochs[-1], values[-1]),
            xytext=(5, 0),
            textcoords="offset points",
            color=colour,
            va="bottom" if label == upper else "top",  # so that they never overlap
        )
    if len(training.stages) > 1:
        _mark_stages(axes, training)


def _mark_stages(axes: Axes, training: TrainingSummary) -> None:
    """A thin line where a stage begins, with the stage's name."""
    top = axes.get_ylim()[1]
    for stage, first in training.stages.items():
        axes.axvline(first - 0.5, color=_QUIET, linewidth=0.8)
        axes.text(first - 0.4, top, stage, fontsize=8, va="bottom", color=_INK)


@mpl.rc_context(_STYLE)
def confusion_matrix(card: ModelCard) -> Figure:
    """Counts of test images by true and predicted label."""
    counts = card.confusion
    table = np.array(
        [
            [counts.true_negative, counts.false_positive],
            [counts.false_negative, counts.true_positive],
        ]
    )
    figure = Figure(figsize=(4.6, 3.8), layout="constrained")
    axes = figure.subplots()
    sns.heatmap(
        table,
        annot=True,
        fmt="d",
        cmap="Blues",
        cbar=False,
        square=True,
        ax=axes,
        xticklabels=list(card.labels),
        yticklabels=list(card.labels),
    )
    axes.set(
        title=f"Test images at threshold {card.threshold.value:.2f}",
        xlabel="Predicted",
        ylabel="True",
    )
    return figure


@mpl.rc_context(_STYLE)
def roc(card: ModelCard) -> Figure:
    """ROC on the test images, the no-skill diagonal and the operating points."""
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=_QUIET, linewidth=0.8)
    axes.annotate("no skill", (0.5, 0.52), color=_INK, fontsize=8, ha="right", va="bottom")
    axes.plot(card.roc.false_positive_rate, card.roc.true_positive_rate, color=_TEST)
    places = {
        name: (
            1 - point.metrics["test"]["specificity"].value,
            point.metrics["test"]["recall"].value,
        )
        for name, point in card.points.items()
    }
    _mark_points(axes, card.points, places, "lower right")
    auc = card.metrics["test"]["roc_auc"]
    axes.set(
        title=f"AUC {auc.value:.3f} (95 % interval {auc.low:.3f}-{auc.high:.3f})",
        xlabel="False positive rate",
        ylabel="True positive rate",
        aspect="equal",
    )
    return figure


def _mark_points(
    axes: Axes,
    points: Mapping[str, OperatingPoint],
    places: Mapping[str, tuple[float, float]],
    corner: Literal["lower left", "lower right"],
) -> None:
    """The operating points on a curve, named in a corner: they may lie close together."""
    for name, point in points.items():
        label = f"{point.title}: from {point.threshold.value:.2f}"
        axes.plot(*places[name], label=label, linestyle="none", **_MARKS[name])
    axes.legend(loc=corner, frameon=False, fontsize=9, handletextpad=0.2)


@mpl.rc_context(_STYLE)
def pr(card: ModelCard) -> Figure:
    """Precision over recall on the test images, the no-skill line and the operating points."""
    figure = Figure(figsize=(4.6, 4.4), layout="constrained")
    axes = figure.subplots()
    negative, positive = card.data.counts["test"]
    share = positive / (negative + positive)
    axes.axhline(share, color=_QUIET, linewidth=0.8)
    axes.annotate("no skill", (0.5, share), color=_INK, fontsize=8, ha="center", va="bottom")
    axes.plot(card.pr.recall, card.pr.precision, color=_TEST, drawstyle="steps-pre")
    places = {
        name: (point.metrics["test"]["recall"].value, point.metrics["test"]["precision"].value)
        for name, point in card.points.items()
    }
    _mark_points(axes, card.points, places, "lower left")
    area = card.metrics["test"]["pr_auc"]
    axes.set(
        title=f"PR AUC {area.value:.3f} (95 % interval {area.low:.3f}-{area.high:.3f})",
        xlabel="Recall",
        ylabel="Precision",
        xlim=(-0.05, 1.05),
        ylim=(-0.05, 1.05),
        aspect="equal",
    )
    return figure


@mpl.rc_context(_STYLE)
def calibration(card: ModelCard) -> Figure:
    """What was said and what came true on the test images, before and after calibration."""
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    found = {"Before": card.calibration.before, "After": card.calibration.after}
    for axes, (title, bins) in zip(figure.subplots(1, 2, sharey=True), found.items(), strict=True):
        _draw_reliability(axes, bins)
        axes.set(
            title=f"{title}: off by {bins.expected_error:.3f} on average",
            xlabel=f"Probability ({_sizes(bins)} test images in a bin)",
            xlim=(-0.05, 1.05),
            ylim=(-0.05, 1.05),
            aspect="equal",
        )
        axes.label_outer()
    figure.axes[0].set_ylabel("Share of positive images, 95 % interval")
    return figure


def _sizes(bins: Reliability) -> str:
    """How many images a bin holds, such as 12 or 12-13."""
    fewest, most = min(bins.count), max(bins.count)
    return str(most) if fewest == most else f"{fewest}-{most}"


def _draw_reliability(axes: Axes, bins: Reliability) -> None:
    """One point per bin with its interval; a calibrated probability lies on the diagonal."""
    observed = np.array(bins.observed)
    errors = np.maximum(0.0, [observed - bins.low, bins.high - observed])
    axes.plot([0, 1], [0, 1], color=_QUIET, linewidth=0.8)
    axes.errorbar(
        bins.predicted, observed, errors, fmt="o", color=_TEST, markersize=5, elinewidth=1
    )


@mpl.rc_context(_STYLE)
def decision(card: ModelCard) -> Figure:
    """Net benefit on the test images: of acting on the model's word, on all, and on none."""
    figure = Figure(figsize=(5.6, 4.0), layout="constrained")
    axes = figure.subplots()
    curve = card.decision
    axes.axhline(0.0, color=_QUIET, linewidth=0.8, label="act on none")
    axes.plot(curve.threshold, curve.act_on_all, color=_VALIDATION, label="act on all")
    axes.plot(curve.threshold, curve.model, color=_TEST, label="act on the model's word")
    top = max(*curve.model, *curve.act_on_all, 0.05)
    axes.set(
        title="Net benefit on test images",
        xlabel="Calibrated probability from which one acts",
        ylabel="Net benefit per image",
        ylim=(-0.25 * top, 1.1 * top),  # below that, acting on all is no choice
    )
    axes.legend(frameon=False, fontsize=9, loc="best")
    return figure
