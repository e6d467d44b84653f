"""Pieces of Markdown: tables, numbers with their intervals, lists in a sentence."""

import re
from collections.abc import Iterable, Sequence

from models.beside import MOST_PLACES, beside
from models.card import Estimate
from models.significance import LEVEL
from pipelines.comparison import Difference

_UNMOVED = "no draw differs"
_NUMBER = re.compile(r"([<>+-] ?)?\d[\d.\u202f]*(-[\d.]+| of \d+| %| [A-Za-z]+)?( \([^()]*\))?")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, columns of numbers aligned at their right; a bar inside a cell is escaped."""
    body = [tuple(cells) for cells in rows]
    _, *others = zip(head, *body, strict=True)
    sides = ["---", *("---:" if any(map(_NUMBER.fullmatch, found)) else "---" for found in others)]
    return "\n".join(_row(cells) for cells in (head, sides, *body))


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def estimate(found: Estimate, limit: float | None = None) -> str:
    """A number with its interval: ``0.900 (0.810-0.960)``.

    Args:
        found: the number.
        limit: what a word beside the number holds it against.
    """
    value, low, high = (
        f"{each:.3f}" if limit is None else beside(each, limit, 3)
        for each in (found.value, found.low, found.high)
    )
    return f"{value} ({low}-{high})"


def difference(found: Difference) -> str:
    """A difference with its interval, every number with its sign: ``+0.020 (-0.011 to +0.049)``.

    Draws that all agree say nothing of what others would be, and have no interval.
    """
    return f"{_signed(found.value, 3)} ({_ends(found, 1, 3)})"


def points(found: Difference, limit: float) -> str:
    """A difference with its interval, in hundredths: ``+2.0 (-1.1 to +4.9)``.

    Args:
        found: the difference.
        limit: what a word beside it holds it against, in hundredths as well.
    """
    return f"{_signed(100 * found.value, 1, limit)} ({_ends(found, 100, 1)})"


def _ends(found: Difference, times: int, places: int) -> str:
    if found.low == found.high:
        return _UNMOVED
    return f"{_signed(times * found.low, places)} to {_signed(times * found.high, places)}"


def _signed(value: float, places: int, limit: float = 0.0) -> str:
    """A number with its sign, on its side of the limit; what rounds to zero has a plus."""
    written = beside(round(value, MOST_PLACES), limit, places)  # arithmetic errs in later ones
    return f"{'-' if float(written) < 0.0 else '+'}{written.removeprefix('-')}"


def met(reached: bool) -> str:
    """Whether an aim is met or missed, in that word."""
    return "met" if reached else "missed"


def p_value(p: float) -> str:
    """A p-value with three digits, on its side of the level, or that it is smaller than those."""
    return "< 0.001" if p < 0.001 else beside(p, LEVEL, 3)


def percent(share: float) -> str:
    """A share in whole percents: ``32 %``."""
    return f"{100 * share:.0f} %"


def count(number: int) -> str:
    """A count with thin groups of three digits, as on the portal's pages: ``23 471``."""
    return f"{number:,}".replace(",", "\u202f")


def listed(words: Sequence[str], none: str = "none") -> str:
    """Words as a sentence has them: ``a, b and c``."""
    if len(words) < 2:
        return words[0] if words else none
    return f"{', '.join(words[:-1])} and {words[-1]}"


def paragraphs(*parts: str) -> str:
    """Parts with an empty line between them; empty parts are left out."""
    return "\n\n".join(part for part in parts if part)
