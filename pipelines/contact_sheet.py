"""Contact sheet: small images side by side, as photographers lay them out."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_SIDE = 1.1  # inches


def contact_sheet(rows: Mapping[str, Sequence[np.ndarray]], captions: Sequence[str]) -> Figure:
    """Images in rows and columns.

    Args:
        rows: what a row shows -> its images, each (height, width, 3) RGB in 0..255.
        captions: one per column, above the first row.

    Raises:
        ValueError: a row has more or fewer images than there are captions.
    """
    size = (_SIDE * len(captions) + 0.3, _SIDE * len(rows) + 0.3)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(rows), len(captions), squeeze=False)
    for row, (title, images) in zip(grid, rows.items(), strict=True):
        row[0].set_ylabel(title, fontsize=9)
        for axes, image in zip(row, images, strict=True):
            _show(axes, image)
    for axes, caption in zip(grid[0], captions, strict=True):
        axes.set_title(caption, fontsize=9)
    return figure


def _show(axes: Axes, image: np.ndarray) -> None:
    """One image without an axis."""
    axes.imshow(np.clip(image, 0, 255).astype(np.uint8))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
