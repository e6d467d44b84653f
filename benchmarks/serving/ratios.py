"""How many times as much: a ratio of two things measured in the same rounds, with its spread."""

from dataclasses import dataclass

import numpy as np

DRAWS = 2000
"""Bootstrap samples behind an interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f}-{self.high:.2f})"


def ratio(above: np.ndarray, below: np.ndarray, quantile: float = 0.5) -> Ratio:
    """A quantile of one thing over that of another, both measured once in every round.

    Rounds are drawn again, not values: what slows a whole round slows both.

    Args:
        above: (rounds,) values; NaN where a round left it out.
        below: (rounds,) values of the same rounds, above 0 or NaN.
        quantile: in [0, 1]; 0.5 compares medians.

    Raises:
        ValueError: no round holds both.
    """
    both = ~(np.isnan(above) | np.isnan(below))
    if not both.any():
        raise ValueError("expected at least one round with both values, received none")
    pairs = np.stack([above[both], below[both]])
    rounds = pairs.shape[1]
    draws = np.random.default_rng(0).integers(0, rounds, (DRAWS, rounds))
    upper, lower = np.quantile(pairs[:, draws], quantile, axis=2)
    low, high = np.quantile(upper / lower, [0.025, 0.975])
    value = np.quantile(pairs[0], quantile) / np.quantile(pairs[1], quantile)
    return Ratio(value=float(value), low=float(low), high=float(high))


def spread(ratios: np.ndarray) -> Ratio:
    """The median of a few ratios, with their lowest and highest in place of an interval."""
    low, value, high = np.quantile(ratios, [0.0, 0.5, 1.0])
    return Ratio(value=float(value), low=float(low), high=float(high))
