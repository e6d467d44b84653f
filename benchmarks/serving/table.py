"""Results as tables that read well on a terminal and are Markdown too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under heads; the first column names, the others hold numbers."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""  # one sentence below

    def __str__(self) -> str:
        lines = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        rule = ["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])]
        text = "\n".join(_line(cells, widths) for cells in (lines[0], rule, *lines[1:]))
        note = f"\n\n{self.note}" if self.note else ""
        return f"## {self.title}\n\n{text}{note}"


def left_out(missing: Iterable[tuple[str, Sequence[str]]], width: int) -> list[tuple[str, ...]]:
    """A row for each thing that could not be compared, with the reason.

    Args:
        missing: (name, packages that are not installed).
        width: columns of the table.
    """
    return [
        (name, f"left out: no {', '.join(packages)}", *("" for _ in range(width - 2)))
        for name, packages in missing
    ]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join([first, *rest])} |"
