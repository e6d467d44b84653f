"""A long curve as a table that can be read."""

_TABLE_ROWS = 12


def thinned(length: int) -> list[int]:
    """A table's rows: evenly spread indices below ``length``, the first and the last among them.

    Args:
        length: how many values there are, 1 or more.
    """
    if length <= _TABLE_ROWS:
        return list(range(length))
    step = (length - 1) / (_TABLE_ROWS - 1)
    return [round(step * row) for row in range(_TABLE_ROWS)]
