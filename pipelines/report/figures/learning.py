"""Learning curves of one modality's models."""

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from models.card import TrainingSummary
from models.specs import ModalitySpec
from pipelines.report.figures.style import (
    ACCENT,
    MUTED,
    STYLE,
    Drawing,
    label_outside,
    panels_by_model,
)
from pipelines.report.published import Models

_PARTS = ("training images", "validation images")


@mpl.rc_context(STYLE)
def learning(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per model: ROC AUC per epoch on training and validation images."""
    figure, panels = panels_by_model(models, height=2.5)
    for number, (axes, _, model) in enumerate(panels):
        training = model.card.training
        epochs = range(1, training.epochs + 1)
        axes.plot(epochs, training.history["auc"], color=MUTED, linewidth=1.0)
        axes.plot(epochs, training.history["val_auc"], color=ACCENT, linewidth=2.0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _mark_stages(axes, training)
        if number == 0:
            figure.legend(axes.lines[:2], _PARTS, loc="outside upper right", ncols=2, frameon=False)
    label_outside(figure, "epoch", "ROC AUC")
    last = "; ".join(
        f"{key.short_title} {model.card.training.history['auc'][-1]:.2f} and "
        f"{model.card.training.history['val_auc'][-1]:.2f}"
        for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_learning",
        words="Learning curves: area under the ROC on training images, which are changed at "
        "random, and on validation images. A dotted line is where a stage begins. Stages: "
        f"{'; '.join(_stages(models))}.",
        alt=f"Learning curves, {modality.title.lower()}. ROC AUC of the last epoch on training and "
        f"validation images: {last}.",
        figure=figure,
    )


def _stages(models: Models) -> tuple[str, ...]:
    """Each row of stages that some model went through, in words."""
    rows = {tuple(model.card.training.stages): None for model in models.values()}
    return tuple(", then ".join(row) for row in rows)


def _mark_stages(axes: Axes, training: TrainingSummary) -> None:
    for first in tuple(training.stages.values())[1:]:
        axes.axvline(first - 0.5, color=MUTED, linewidth=0.8, linestyle=":")
