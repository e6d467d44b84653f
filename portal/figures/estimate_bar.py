"""A number and its 95 % interval as a dot on a line from 0 to 1."""

from dataclasses import dataclass

from models.card import Estimate
from portal.figures.width import of_width


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateBar:
    """Places as shares of the line's width."""

    value: str
    low: str
    width: str
    required: str | None  # where the required value stands, if there is one


def estimate_bar(estimate: Estimate, required: float | None = None) -> EstimateBar:
    """The drawing of one estimate, with the value that it has to reach where there is one."""
    return EstimateBar(
        value=of_width(estimate.value),
        low=of_width(estimate.low),
        width=of_width(estimate.high - estimate.low),
        required=None if required is None else of_width(required),
    )
