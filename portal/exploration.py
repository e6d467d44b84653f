"""Exploration: a model at any threshold and prevalence, for the page and for its script."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from models.card import POINT_METRICS, ModelCard, OperatingPoint
from portal.predictive_values import PredictiveValues, predictive_values
from portal.thresholds import THRESHOLDS

_EVERY = 5  # hundredths between two rows of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRow:
    """A row of the table of thresholds."""

    point: OperatingPoint
    name: str | None  # of one of the card's points: "best-f1"
    values: PredictiveValues

    @property
    def threshold(self) -> float:
        """In (0, 1)."""
        return self.point.threshold.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a reader can look up beside the point that is shown."""

    rows: tuple[ThresholdRow, ...]  # every 0.05, and the card's points
    data: str  # JSON for the page's script, see ``_data``


def exploration(
    card: ModelCard, points: Mapping[float, OperatingPoint], prevalence: float
) -> Exploration:
    """The table of thresholds at a prevalence, and all thresholds for the script."""
    names = {point.threshold.value: name for name, point in reversed(tuple(card.points.items()))}
    shown = sorted({*THRESHOLDS[_EVERY - 1 :: _EVERY], *names})
    every = {**{point.threshold.value: point for point in card.points.values()}, **points}
    return Exploration(
        rows=tuple(
            ThresholdRow(
                point=every[threshold],
                name=names.get(threshold),
                values=predictive_values(every[threshold].confusion, prevalence),
            )
            for threshold in shown
        ),
        data=_data(points),
    )


def _data(points: Mapping[float, OperatingPoint]) -> str:
    """What the script draws from, as JSON.

    ``metrics`` names the measures; ``points`` has an entry for each threshold: the four counts on
    test images, then value and interval of each measure in millionths, test before validation.
    """
    return json.dumps(
        {
            "metrics": POINT_METRICS,
            "points": [_numbers(points[threshold]) for threshold in THRESHOLDS],
        },
        separators=(",", ":"),
    )


def _numbers(point: OperatingPoint) -> list[int]:
    counts = point.confusion
    cells = (
        counts.true_negative,
        counts.false_positive,
        counts.false_negative,
        counts.true_positive,
    )
    estimates = (
        point.metrics[part][name] for part in ("test", "validation") for name in POINT_METRICS
    )
    ends = (end for each in estimates for end in (each.value, each.low, each.high))
    return [*cells, *(round(1_000_000 * end) for end in ends)]
