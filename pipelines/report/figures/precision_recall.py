"""Precision-recall curves of one modality's models."""

import matplotlib as mpl

from models.no_skill import positive_share
from models.specs import ModalitySpec
from pipelines.report import markdown
from pipelines.report.data import data_of
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
def precision_recall(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per strategy, a curve per backbone, the share of positive images as a line."""
    figure, panels = panels_by_strategy(models)
    share = positive_share(data_of(models))
    for axes, mine in panels:
        axes.axhline(share, color=GRAY, linewidth=0.8)
        axes.text(0.02, share + 0.02, f"no skill, {markdown.percent(share)}", color=MUTED)
        for key, model in mine.items():
            colour, dashes = LINES[key.backbone.key]
            test, curve = model.card.metrics["test"], model.card.pr
            axes.plot(
                curve.recall,
                curve.precision,
                color=colour,
                linestyle=dashes,
                label=f"{key.backbone.title}, area {test['pr_auc'].value:.3f}",
            )
            axes.plot(
                test["recall"].value, test["precision"].value, "o", color=colour, markersize=5
            )
        in_percent(axes)
        if mine:
            axes.legend(loc="lower left", frameon=False)
    label_outside(
        figure,
        f"{modality.found} found, %\n(recall)",
        f"right among those called {modality.labels[1]}, %\n(precision)",
    )
    areas = "; ".join(
        f"{key.short_title} {model.card.metrics['test']['pr_auc'].value:.3f}"
        for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_precision_recall",
        words="Precision over recall on the test images. What no skill gives is the share of "
        f"positive images, {markdown.percent(share)}; a dot is the model at its threshold.",
        alt=f"Precision-recall curves, {modality.title.lower()}. Areas: {areas}.",
        figure=figure,
    )
