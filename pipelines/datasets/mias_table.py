"""labels.csv of mini-MIAS: a row for every abnormality, and one for every normal film."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.datasets.errors import DatasetRefused
from pipelines.datasets.film_places import FILM, Point

TABLE = "labels.csv"
Row = Mapping[str, str]


class InvalidTable(DatasetRefused):
    title = "The table of the data set cannot be read"


def read_rows(folder: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of the table in a folder, in their order.

    Args:
        folder: of the set, with the table.
        columns: those that every row must have.

    Raises:
        InvalidTable: it is no table in UTF-8, or a row lacks a column.
    """
    path = folder / TABLE
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [_bare(row) for row in csv.DictReader(stream)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidTable(
            expected=f"{path} as a CSV table in UTF-8", received="a file that is none"
        ) from error
    for row in rows:
        missing = [name for name in columns if name not in row]
        if missing:
            raise InvalidTable(
                expected=f"the columns {', '.join(columns)} in every row of {TABLE}",
                received=f"a row without {', '.join(missing)}",
            )
    return rows


def _bare(row: dict[str, str | None]) -> Row:
    """A row without the blanks around its values; a column that it lacks is left out."""
    return {name: value.strip() for name, value in row.items() if isinstance(value, str)}


def is_normal(row: Row) -> bool:
    """Whether the row is that of a normal film."""
    return row["abnormality"] == "NORM"


def patient_of(row: Row) -> str:
    """Whose film it is.

    Raises:
        InvalidTable: the row does not say so.
    """
    if not row["patient"]:
        raise InvalidTable(
            expected=f"a name in patient of {row['image']} in {TABLE}", received="nothing"
        )
    return row["patient"]


def centre_of(row: Row) -> Point | None:
    """Where an abnormality lies: row from the top and column; None where the table says nothing.

    Raises:
        InvalidTable: a coordinate is no whole number, or lies outside the film.
    """
    x, y = row["x"], row["y"]
    try:
        # the published coordinates count rows from the bottom of the film
        centre = (FILM - 1 - int(y), int(x)) if x or y else None
    except ValueError as error:
        raise InvalidTable(
            expected=f"whole numbers in x and y of {row['image']} in {TABLE}",
            received=f"{x!r} and {y!r}",
        ) from error
    if centre and not all(0 <= place < FILM for place in centre):
        raise InvalidTable(
            expected=f"x and y of {row['image']} in {TABLE} from 0 to {FILM - 1}",
            received=f"{x} and {y}",
        )
    return centre
