"""How numbers are written for a reader: enough digits to tell them apart, never more."""

from models.card import Estimate

_MOST_PLACES = 6


def percent(share: float) -> str:
    """A share in [0, 1] as a whole percent: ``90 %``, with a space that does not break."""
    return f"{100 * share:.0f}\u00a0%"


def decimals(value: float, places: int = 3) -> str:
    """A number with a fixed count of decimals: ``0.933``."""
    return f"{value:.{places}f}"


def signed(value: float, places: int = 3) -> str:
    """A difference with its sign, which 0 and what rounds to it have not: ``+0.054``."""
    rounded = round(value, places) + 0.0  # of -0.0 this makes 0.0
    return f"{'+' if rounded > 0 else ''}{rounded:.{places}f}".replace("-", "\u2212")


def interval(estimate: Estimate, places: int = 2) -> str:
    """The ends of a 95 % interval: ``0.87 to 0.97``."""
    return f"{estimate.low:.{places}f} to {estimate.high:.{places}f}"


def percent_interval(estimate: Estimate) -> str:
    """The ends of a 95 % interval in whole percents: ``81 to 96``."""
    return f"{100 * estimate.low:.0f} to {100 * estimate.high:.0f}"


def probability(value: float, threshold: float | None = None) -> str:
    """A probability in [0, 1], never written as a certainty nor as the threshold itself.

    Two decimals, or more when two would show the same number as a threshold that differs.
    """
    if value > 0.995:
        return "> 0.99"
    if value < 0.005:
        return "< 0.01"
    for places in (2, 3, 4):
        text = f"{value:.{places}f}"
        if threshold is None or float(text) != round(threshold, places) or value == threshold:
            return text
    return f"{value:.5f}"


def beside(value: float, limit: float, places: int) -> str:
    """A number beside a limit, with more decimals where it would else be written as that limit."""
    while round(value, places) == limit != value and places < _MOST_PLACES:
        places += 1
    return f"{value:.{places}f}"


def of_hundred(share: float) -> str:
    """How many of 100 a probability in [0, 1] means, never all and never none."""
    if share >= 0.995:
        return "more than 99"
    if share <= 0.005:
        return "fewer than 1"
    return f"about {100 * share:.0f}"


def chance(p: float) -> str:
    """A p-value as a chance in whole numbers: ``about 6 in 100``."""
    if p < 0.001:
        return f"fewer than 1 in {count(1000)}"
    if p >= 0.995:
        return "more than 99 in 100"
    whole = 1000 if p < 0.0095 else 100
    return f"about {round(whole * p)} in {count(whole)}"


def count(number: int) -> str:
    """A count with thin groups of three digits: ``23 471``."""
    return f"{number:,}".replace(",", "\u202f")


def millions(number: int) -> str:
    """A count in millions where it is that large: ``23.6 million``."""
    return f"{number / 1e6:.1f} million" if number >= 1_000_000 else count(number)
