"""Rounding: how many digits of a curve a card keeps."""

from collections.abc import Iterable

DIGITS = 5  # after the point


def rounded(values: Iterable[float]) -> tuple[float, ...]:
    """Points of a curve as a card keeps them.

    Args:
        values: such as an (n,) float64 array.
    """
    return tuple(round(float(value), DIGITS) for value in values)
