"""A long curve as a table that can be read."""

_TABLE_ROWS = 12


def thinned(length: int, most: int = _TABLE_ROWS) -> list[int]:
    """At most ``most`` evenly spread indices below ``length``, the first and the last among them.

    Args:
        length: how many values there are, 1 or more.
        most: how many to keep, 2 or more.
    """
    if length <= most:
        return list(range(length))
    step = (length - 1) / (most - 1)
    return sorted({round(step * row) for row in range(most)})
