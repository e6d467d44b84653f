"""Predictions: what a model said of every validation and test image, as a CSV file.

From it every number of a card can be computed again, without images and without the model. Where
a finding is cut more than once, each of its validation crops has a row, and a weight: together
they count as one.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from models.errors import Refusal
from models.files import replace_file

FILE = "predictions.csv"  # its name in the folder of a run
PARTS = ("validation", "test")
COLUMNS = ("part", "image", "group", "label", "weight", "probability", "dense_probability")


class InvalidPredictions(Refusal):
    title = "The file of predictions cannot be used"
    action = "Run `python -m pipelines evaluate` for this model again."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """One part's images and the probabilities that a model gave them, in one order."""

    names: tuple[str, ...]
    labels: np.ndarray  # (n,) uint8, 0 or 1
    groups: np.ndarray  # (n,) names
    weights: np.ndarray  # (n,) float64 in (0, 1], how much an image counts
    probabilities: np.ndarray  # (n,) float64 in [0, 1], each of them a float32 number
    dense: np.ndarray | None = None  # the same of the network before compaction, where there is one

    def __post_init__(self) -> None:
        found = [getattr(self, item.name) for item in fields(self)]
        lengths = {len(column) for column in found if column is not None}
        _check(len(lengths) == 1 and lengths != {0}, "columns of one length", lengths)
        _check(set(self.labels.tolist()) <= {0, 1}, "labels 0 and 1", set(self.labels.tolist()))
        counted = bool(np.all((self.weights > 0.0) & (self.weights <= 1.0)))
        _check(counted, "weights above 0 and of 1 or less", "others")
        for column in (self.probabilities, self.dense):
            inside = column is None or bool(np.all((column >= 0.0) & (column <= 1.0)))
            _check(inside, "probabilities in [0, 1]", "others")


def _check(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidPredictions(expected=expected, received=str(received))


def write(path: Path, found: Mapping[str, Predictions]) -> None:
    """Write both parts, whole or not at all; a probability keeps every digit of its float32."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for part in PARTS:
        one = found[part]
        dense = [""] * len(one.names) if one.dense is None else map(_digits, one.dense)
        columns = (
            one.names,
            one.groups,
            one.labels,
            map(_digits, one.weights),
            map(_digits, one.probabilities),
            dense,
        )
        rows.writerows((part, *row) for row in zip(*columns, strict=True))
    replace_file(path, text.getvalue().encode())


def _digits(number: float) -> str:
    return f"{number:.9g}"  # nine digits tell any two float32 numbers apart


def read(path: Path) -> Mapping[str, Predictions]:
    """Part -> predictions, with the numbers that were written.

    Raises:
        InvalidPredictions: there is no such file, or a column, part or value is not as expected.
    """
    _check(path.is_file(), f"predictions in {path.name}", "no such file")
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            head, *rows = [tuple(row) for row in csv.reader(stream)] or [()]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidPredictions(
            expected="comma-separated values in UTF-8", received="something else"
        ) from error
    _check(head == COLUMNS, f"the columns {', '.join(COLUMNS)}", ", ".join(head) or "none")
    ragged = [row for row in rows if len(row) != len(COLUMNS)]
    _check(not ragged, f"{len(COLUMNS)} values in every row", ragged[:1])
    parts = {row[0] for row in rows}
    _check(parts == set(PARTS), f"the parts {', '.join(PARTS)}", ", ".join(sorted(parts)))
    return {part: _part([row[1:] for row in rows if row[0] == part]) for part in PARTS}


def _part(rows: Sequence[tuple[str, ...]]) -> Predictions:
    names, groups, labels, weights, probabilities, dense = zip(*rows, strict=True)
    _check(len(set(names)) == len(names), "every image once", "an image twice")
    _check(set(labels) <= {"0", "1"}, "labels 0 and 1", ", ".join(sorted(set(labels))))
    return Predictions(
        names=names,
        groups=np.array(groups),
        labels=np.array(labels, dtype=np.uint8),
        weights=_numbers(weights),
        probabilities=_numbers(probabilities),
        dense=None if set(dense) == {""} else _numbers(dense),
    )


def _numbers(column: Sequence[str]) -> np.ndarray:
    """The float32 numbers that were written, as float64."""
    try:
        return np.array(column, dtype=np.float32).astype(np.float64)
    except ValueError as error:
        raise InvalidPredictions(
            expected="a number for every weight and probability", received="something else"
        ) from error
