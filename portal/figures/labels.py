"""Labels along an axis that do not touch."""

from collections.abc import Sequence


def spread(places: Sequence[float], gap: float, low: float, high: float) -> tuple[float, ...]:
    """Places at least ``gap`` apart, each as near to its own as the order allows.

    Args:
        places: where labels belong, rising.
        gap: the smallest distance between two of them.
        low: where the first one may stand.
        high: where the last one may stand; where there is no room for all, they stand evenly.

    Returns:
        As many places, rising, in [low, high], to a tenth of a unit.
    """
    if len(places) > 1:
        gap = min(gap, (high - low) / (len(places) - 1))
    moved: list[float] = []
    for index, place in enumerate(places):
        last = high - gap * (len(places) - 1 - index)
        first = moved[-1] + gap if moved else low
        moved.append(min(max(place, first), last))
    return tuple(round(place, 1) for place in moved)
