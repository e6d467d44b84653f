"""What a test of significance is held against, and Holm's correction for many tests."""

from collections.abc import Sequence

LEVEL = 0.05
"""P-values below it are called a difference."""


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values corrected for their number, in their order.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 1979.
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return tuple(corrected)
