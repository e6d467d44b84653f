"""How numbers are written for a reader: enough digits to tell them apart, never more."""

from models.card import Estimate


def percent(share: float, places: int = 0) -> str:
    """A share in [0, 1] in percent: ``90 %``, with a space that does not break."""
    return f"{100 * share:.{places}f}\u00a0%"


def percents_apart(share: float, limit: float) -> tuple[str, str]:
    """A share and its limit in percent, whole where that tells them apart."""
    places = places_apart(100 * share, 100 * limit, 0)
    return percent(share, places), percent(limit, places)


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


def duration(milliseconds: int) -> str:
    """A time for a reader: ``412 ms``, or ``20.5 s`` from a second on."""
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def probability(value: float, *limits: float) -> str:
    """A probability in [0, 1], never written as a certainty nor as a limit that it is not.

    Two decimals, or more where a limit is near: read beside its limits as ``limit`` writes them
    it lies on the side on which it lies.
    """
    places = max((places_apart(value, each, 2) for each in limits), default=2)
    step = 10.0**-places
    if value > 1 - step / 2:
        return f"> {1 - step:.{places}f}"
    if value < step / 2:
        return f"< {step:.{places}f}"
    return f"{value:.{places}f}"


def limit(value: float, beside: float | None = None) -> str:
    """A limit of a probability: two decimals, or more beside a probability that needs them."""
    exact = value == round(value, 2)
    places = 2 if exact or beside is None else places_apart(beside, value, 2)
    return f"{value:.{places}f}"


def places_apart(value: float, limit: float, places: int) -> int:
    """How many decimals, from ``places`` on, two numbers need to be written as different ones."""
    while value != limit and round(value, places) == round(limit, places):
        places += 1
    return places


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
