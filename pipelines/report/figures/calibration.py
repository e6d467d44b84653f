"""Calibration curves of one modality's models, before and after Platt scaling."""

import matplotlib as mpl
import numpy as np

from models.specs import ModalitySpec
from pipelines.report.figures.style import (
    ACCENT,
    GRAY,
    STYLE,
    Drawing,
    in_percent,
    label_outside,
    panels_by_model,
)
from pipelines.report.published import Models


@mpl.rc_context(STYLE)
def calibration(modality: ModalitySpec, models: Models) -> Drawing:
    """A panel per model: what was said, what came true; intervals after calibration."""
    figure, panels = panels_by_model(models, height=2.9)
    for number, (axes, _, model) in enumerate(panels):
        before, after = model.card.calibration.before, model.card.calibration.after
        axes.plot([0, 1], [0, 1], color=GRAY, linewidth=0.8)
        (first,) = axes.plot(before.predicted, before.observed, "s--", color=GRAY, fillstyle="none")
        observed = np.array(after.observed)
        bars = axes.errorbar(
            after.predicted,
            observed,
            yerr=(observed - after.low, after.high - observed),
            color=ACCENT,
            marker="o",
            markersize=4,
            elinewidth=0.8,
        )
        in_percent(axes)
        if number == 0:
            names = ("before: model probability", "after: calibrated probability")
            figure.legend(
                [first, bars[0]], names, loc="outside upper right", ncols=2, frameon=False
            )
    label_outside(figure, "probability, %", f"share that are\n{modality.found}, %")
    errors = "; ".join(
        f"{key.short_title} {model.card.calibration.before.expected_error:.3f} to "
        f"{model.card.calibration.after.expected_error:.3f}"
        for key, model in models.items()
    )
    return Drawing(
        name=f"{modality.key}_calibration",
        words="Calibration on the test images. On the thin line what was said comes true. Bars are "
        "95 % intervals of each bin after calibration, images taken for independent.",
        alt=f"Calibration curves, {modality.title.lower()}. Calibration error before and after: "
        f"{errors}.",
        figure=figure,
    )
