"""Figures of one evaluated model: learning curves, confusion matrix, ROC; as SVG files."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models.card import ModelCard, TrainingSummary

_INK, _QUIET, _TEST, _VALIDATION = "#1f2933", "#9aa5b1", "#0b67b2", "#c2570c"
_STYLE: Any = {"font.size": 11, "axes.spines.top": False, "axes.spines.right": False}


def draw_figures(card: ModelCard, folder: Path) -> None:
    """Write ``learning_curves.svg``, ``confusion_matrix.svg`` and ``roc.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    learning_curves(card).savefig(folder / "learning_curves.svg")
    confusion_matrix(card).savefig(folder / "confusion_matrix.svg")
    roc(card).savefig(folder / "roc.svg")


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
    """ROC on the test images, the no-skill diagonal and the operating point."""
    figure = Figure(figsize=(4.6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=_QUIET, linewidth=0.8)
    axes.annotate("no skill", (0.62, 0.57), color=_INK, fontsize=8)
    axes.plot(card.roc.false_positive_rate, card.roc.true_positive_rate, color=_TEST)
    test = card.metrics["test"]
    point = (1 - test["specificity"].value, test["recall"].value)
    axes.plot(*point, "o", color=_VALIDATION)
    axes.annotate(
        f"threshold {card.threshold.value:.2f}",
        point,
        xytext=(6, -12),
        textcoords="offset points",
        color=_VALIDATION,
    )
    auc = test["roc_auc"]
    axes.set(
        title=f"AUC {auc.value:.3f} (95 % interval {auc.low:.3f}-{auc.high:.3f})",
        xlabel="False positive rate",
        ylabel="True positive rate",
        aspect="equal",
    )
    return figure
