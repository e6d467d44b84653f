"""Explanation: a heat-map as a page shows it, and what is known of how far to trust it."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from models.explanation import HeatMap
from models.mask_agreement import ModelAgreement
from portal.classifier import Classifier
from portal.measured_agreement import measured_agreement, worth
from portal.verdict import Verdict

COLOURS = cv2.COLORMAP_INFERNO
"""Dark to bright through one row of hues, so that readers who cannot tell hues still see it."""

_PLACES = (
    ("the upper left", "the upper middle", "the upper right"),
    ("the middle left", "the middle", "the middle right"),
    ("the lower left", "the lower middle", "the lower right"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Where the features lie that spoke for the label of a verdict."""

    label: str  # the one the model said, or leans to
    uncertain: bool  # whether it only leans to it
    layer: str  # the heat-map as a ``data:`` address of a transparent PNG, 224 x 224 pixels
    strength: str  # the same for a report, a fifth as long: a gray PNG in base64, white strongest
    fields: str  # how many the network told apart: "4 x 4"
    place: str | None  # of the strongest field: "the upper left"; None: no field spoke for it
    measured: ModelAgreement | None  # None: not measured for these weights

    @classmethod
    def of(cls, verdict: Verdict, heat_map: HeatMap, measured: ModelAgreement | None) -> Self:
        """A heat-map for the label of a verdict, in a page's form."""
        rows, columns = heat_map.fields
        return cls(
            label=verdict.label,
            uncertain=verdict.uncertain,
            layer=_layer(heat_map.pixels),
            strength=_base64(_levels(heat_map.pixels)),
            fields=f"{rows} x {columns}",
            place=_place(heat_map),
            measured=measured,
        )

    @property
    def verb(self) -> str:
        """What the model did with the label."""
        return "leans to" if self.uncertain else "said"

    @property
    def finding(self) -> str:
        """One sentence for whoever does not see the heat-map."""
        if self.place is None:
            return f"Heat-map: empty, no field spoke for {self.label}."
        return f"Heat-map: strongest in {self.place} of what was analysed."

    @property
    def worth(self) -> str:
        """What was measured of such heat-maps, in one or two sentences."""
        return worth(self.measured)


def answered(
    model: Classifier, tensor: np.ndarray, *, explain: bool, records: Path
) -> tuple[Verdict, Explanation | None]:
    """A model's verdict, with its explanation where it is asked for.

    Args:
        model: what answers.
        tensor: (1, 224, 224, 3) float32 RGB in 0..255.
        explain: whether an explanation is asked for.
        records: the folder of what was measured of heat-maps.

    Raises:
        ModelUnavailable: the model gave no usable answer.
    """
    if not explain:
        return model.verdict(tensor), None
    verdict, heat_map = model.explained(tensor)
    measured = measured_agreement(model.card, records)
    return verdict, Explanation.of(verdict, heat_map, measured)


def _layer(heat: np.ndarray) -> str:
    """A heat-map in 0..1 as a PNG whose colours grow more opaque with the heat."""
    levels = _levels(heat)
    coloured = cv2.cvtColor(cv2.applyColorMap(levels, COLOURS), cv2.COLOR_BGR2BGRA)
    coloured[:, :, 3] = levels
    return f"data:image/png;base64,{_base64(coloured)}"


def _levels(heat: np.ndarray) -> np.ndarray:
    """A heat-map in 0..1 as uint8 in 0..255."""
    return np.asarray(np.rint(255 * heat), np.uint8)


def _base64(pixels: np.ndarray) -> str:
    """Pixels as a PNG in base64."""
    _, png = cv2.imencode(".png", pixels)
    return base64.b64encode(png.tobytes()).decode("ascii")


def _place(heat_map: HeatMap) -> str | None:
    if heat_map.strongest is None:
        return None
    height, width = heat_map.pixels.shape
    row, column = heat_map.strongest
    return _PLACES[min(3 * row // height, 2)][min(3 * column // width, 2)]
