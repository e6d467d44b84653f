"""Pieces of Markdown: tables, numbers with their intervals, lists in a sentence."""

from collections.abc import Iterable, Sequence

from models.card import Estimate
from pipelines.comparison import Difference

_UNMOVED = "no draw differs"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    return "\n".join(_row(cells) for cells in (head, ("---",) * len(head), *rows))


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def estimate(found: Estimate) -> str:
    """A number with its interval: ``0.900 (0.810-0.960)``."""
    return f"{found.value:.3f} ({found.low:.3f}-{found.high:.3f})"


def difference(found: Difference) -> str:
    """A difference with its interval, every number with its sign: ``+0.020 (-0.011 to +0.049)``.

    Draws that all agree say nothing of what others would be, and have no interval.
    """
    if found.low == found.high:
        return f"{_signed(found.value)} ({_UNMOVED})"
    return f"{_signed(found.value)} ({_signed(found.low)} to {_signed(found.high)})"


def _signed(value: float) -> str:
    """Three digits and a sign; what rounds to zero has a plus."""
    return f"{round(value, 3) + 0.0:+.3f}"


def points(found: Difference) -> str:
    """A difference with its interval, in hundredths: ``+2.0 (-1.1 to +4.9)``."""
    value, low, high = (
        f"{round(100 * each, 1) + 0.0:+.1f}" for each in (found.value, found.low, found.high)
    )
    return f"{value} ({_UNMOVED if found.low == found.high else f'{low} to {high}'})"


def met(reached: bool) -> str:
    """Whether an aim is met or missed, in that word."""
    return "met" if reached else "missed"


def p_value(p: float) -> str:
    """A p-value with three digits, or that it is smaller than those can say."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(share: float) -> str:
    """A share in whole percents: ``32 %``."""
    return f"{100 * share:.0f} %"


def listed(words: Sequence[str], none: str = "none") -> str:
    """Words as a sentence has them: ``a, b and c``."""
    if len(words) < 2:
        return words[0] if words else none
    return f"{', '.join(words[:-1])} and {words[-1]}"


def paragraphs(*parts: str) -> str:
    """Parts with an empty line between them; empty parts are left out."""
    return "\n\n".join(part for part in parts if part)
