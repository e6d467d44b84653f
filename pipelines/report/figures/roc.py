"""ROC curves of one modality's models."""

import matplotlib as mpl

from models.specs import ModalitySpec
from pipelines.report.figures.style import (
    GRAY,
    LINES,
    MUTED,
    STYLE,
    Drawing,
    in_percent,
    label_outside,
    panels_by_strategy,
)
from pipelines.report.published import Models


@mpl.rc_context(STYLE)
def roc(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per strategy, a curve per backbone, the operating points marked."""
    figure, panels = panels_by_strategy(models)
    for axes, mine in panels:
        axes.plot([0, 1], [0, 1], color=GRAY, linewidth=0.8)
        axes.text(0.22, 0.12, "no skill", color=MUTED)
        for key, model in mine.items():
            colour, dashes = LINES[key.backbone.key]
            test, curve = model.card.metrics["test"], model.card.roc
            axes.plot(
                curve.false_positive_rate,
                curve.true_positive_rate,
                color=colour,
                linestyle=dashes,
                label=f"{key.backbone.title}, area {test['roc_auc'].value:.3f}",
            )
            point = (1 - test["specificity"].value, test["recall"].value)
            axes.plot(*point, "o", color=colour, markersize=5)
        in_percent(axes)
        if mine:
            axes.legend(loc="lower right", frameon=False)
    label_outside(
        figure,
        f"{modality.spared} called {modality.labels[1]}, %\n(false positive rate)",
        f"{modality.found} found, %\n(true positive rate)",
    )
    areas = "; ".join(
        f"{key.short_title} {model.card.metrics['test']['roc_auc'].value:.3f}"
        for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_roc",
        words="ROC curves on the test images. A dot is the model at its threshold.",
        alt=f"ROC curves, {modality.title.lower()}. Areas: {areas}.",
        figure=figure,
    )
