"""Decision curves of one modality's models."""

import matplotlib as mpl
import numpy as np

from models.specs import ModalitySpec
from pipelines.report import markdown
from pipelines.report.figures.style import (
    GRAY,
    LINES,
    MUTED,
    STYLE,
    Drawing,
    label_outside,
    panels_by_strategy,
)
from pipelines.report.published import Models, Published

_FLOOR = -0.05  # of net benefit; acting on all falls far below it


@mpl.rc_context(STYLE)
def decision(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per strategy, a curve per backbone, with acting on all images and on none."""
    figure, panels = panels_by_strategy(models)
    top = max(max(model.card.decision.model) for model in models.values())
    for axes, mine in panels:
        axes.axhline(0, color=GRAY, linewidth=0.8)
        if mine:
            first = next(iter(mine.values())).card.decision.threshold[0]
            axes.text(first, _FLOOR / 2, "act on none", color=MUTED, va="center")
        for number, (key, model) in enumerate(mine.items()):
            colour, dashes = LINES[key.backbone.key]
            curve = model.card.decision
            if number == 0:
                axes.plot(
                    curve.threshold,
                    curve.act_on_all,
                    color=GRAY,
                    linewidth=0.8,
                    label="act on all",
                )
            axes.plot(
                curve.threshold,
                curve.model,
                color=colour,
                linestyle=dashes,
                label=key.backbone.title,
            )
        axes.set_ylim(_FLOOR, 1.15 * max(top, 0.05))
        if mine:
            axes.legend(loc="upper right", frameon=False)
    label_outside(figure, "calibrated probability from which one acts", "net benefit")
    shares = "; ".join(
        f"{key.short_title} {markdown.percent(useful(model))}" for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_decision",
        words="Decision curves on the test images: net benefit, in true positives per image, less "
        "false positives weighed by the odds at which one would act. A model is of use where its "
        "line lies above both thin ones, acting on all images and on none. For other shares of "
        "positive images the curves are others.",
        alt=f"Decision curves, {modality.title.lower()}. Share of the thresholds at which a model "
        f"is better than acting on all and on none: {shares}.",
        figure=figure,
    )


def useful(model: Published) -> float:
    """Share of the thresholds at which the model beats acting on all images and on none."""
    curve = model.card.decision
    other = np.maximum(curve.act_on_all, 0.0)
    return float(np.mean(np.array(curve.model) > other + 1e-9))
