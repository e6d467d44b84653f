"""Calibration curves of one modality's models, before and after Platt scaling."""

import matplotlib as mpl
import numpy as np

from models.specs import ModalitySpec
from pipelines.report.figures.style import (
    FIRST,
    QUIET,
    SECOND,
    STYLE,
    Drawing,
    label_outside,
    panels_by_model,
)
from pipelines.report.published import Models


@mpl.rc_context(STYLE)
def calibration(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per model: what was said, what came true; intervals after scaling."""
    figure, panels = panels_by_model(models, height=2.9)
    for number, (axes, _, model) in enumerate(panels):
        before, after = model.card.calibration.before, model.card.calibration.after
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8)
        (first,) = axes.plot(
            before.predicted, before.observed, "s--", color=SECOND, fillstyle="none"
        )
        observed = np.array(after.observed)
        bars = axes.errorbar(
            after.predicted,
            observed,
            yerr=(observed - after.low, after.high - observed),
            color=FIRST,
            marker="o",
            markersize=4,
            elinewidth=0.8,
        )
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
        if number == 0:
            names = ("before scaling", "after scaling")
            figure.legend(
                [first, bars[0]], names, loc="outside upper right", ncols=2, frameon=False
            )
    label_outside(figure, "Probability said", "Share that came true")
    errors = "; ".join(
        f"{key.short_title} {model.card.calibration.before.expected_error:.3f} to "
        f"{model.card.calibration.after.expected_error:.3f}"
        for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_calibration",
        words="Calibration on the test images. On the gray line what was said comes true. Bars are "
        "95 % intervals of each bin after scaling, images taken for independent.",
        alt=f"Calibration curves, {modality.title.lower()}. Calibration error before and after: "
        f"{errors}.",
        figure=figure,
    )
