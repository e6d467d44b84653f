"""Numbers beside a limit, written so that the word which goes with them is not contradicted."""

MOST_PLACES = 6


def beside(value: float, limit: float, places: int) -> str:
    """A number beside a limit, with more decimals where it would else be written as that limit."""
    while round(value, places) == limit != value and places < MOST_PLACES:
        places += 1
    return f"{value:.{places}f}"
