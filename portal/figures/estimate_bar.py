"""A number and its 95 % interval as a dot on a line from 0 to 1."""

from dataclasses import dataclass

from models.card import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateBar:
    """Places as shares of the line's width."""

    value: str
    low: str
    width: str
    required: str | None  # where the required value stands, if there is one


def _share(number: float) -> str:
    return f"{100 * number:.1f}%"


def estimate_bar(estimate: Estimate, required: float | None = None) -> EstimateBar:
    """The drawing of one estimate, with the value that it has to reach where there is one."""
    return EstimateBar(
        value=_share(estimate.value),
        low=_share(estimate.low),
        width=_share(estimate.high - estimate.low),
        required=None if required is None else _share(required),
    )
