"""Subgroups: what is known of hold-out images beside their labels, as a table and its legend.

The table is a CSV file with a row for each image; the legend, a JSON file of the same name, says
what its columns are and to which split it belongs.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from models.card import DataSummary
from models.catalogue import MODALITIES
from models.errors import Refusal
from models.files import replace_file
from models.prediction_table import PARTS

FORMAT = 1
UNKNOWN = ""
"""The value of an image of which an attribute is not known."""

_LONGEST = 24  # characters of a value, so that it fits beside its interval in a figure


class InvalidSubgroups(Refusal):
    title = "The table of subgroups cannot be used"
    action = "Write it again with `python -m pipelines subgroups`."


def _check(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidSubgroups(expected=expected, received=str(received))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Something known of an image that is no label, and the subgroups that it makes."""

    key: str  # in files and addresses: "density"
    title: str  # "Density of the breast"
    explanation: str  # what it is and where it is known from, a sentence or two
    values: tuple[str, ...]  # the subgroups, in the order in which they are read

    def __post_init__(self) -> None:
        plain = self.key.isascii() and self.key.isalpha() and self.key.islower()
        _check(plain and self.key not in ("part", "image"), "a key of lower-case letters", self.key)
        _check(len(set(self.values)) == len(self.values), "different values", self.values)
        wrong = [value for value in self.values if not 0 < len(value) <= _LONGEST]
        _check(not wrong, f"values of 1 to {_LONGEST} characters", wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupTable:
    """The validation and test images of a split, by what is known of them."""

    modality: str  # key in the catalogue
    data: str  # "mini-MIAS"
    split_sha256: str
    attributes: tuple[Attribute, ...]
    images: Mapping[str, Mapping[str, Mapping[str, str]]]  # part -> name -> attribute -> value
    format: int = field(default=FORMAT)

    def __post_init__(self) -> None:
        _check(self.format == FORMAT, f"a table of format {FORMAT}", self.format)
        _check(self.modality in MODALITIES, f"a modality: {', '.join(MODALITIES)}", self.modality)
        _check(bool(self.attributes), "attributes", "none")
        keys = [attribute.key for attribute in self.attributes]
        _check(len(set(keys)) == len(keys), "different attributes", keys)
        _check(set(self.images) == set(PARTS), f"the parts {', '.join(PARTS)}", list(self.images))
        for attribute in self.attributes:
            found = {row[attribute.key] for part in self.images.values() for row in part.values()}
            strange = found - {*attribute.values, UNKNOWN}
            _check(not strange, f"{attribute.key} to be one of its values", sorted(strange))

    def fits(self, data: DataSummary) -> bool:
        """Whether the table is of the images of a model's data, split as for that model."""
        return (self.data, self.split_sha256) == (data.name, data.split_sha256)

    def values(self, key: str, part: str, names: Sequence[str]) -> tuple[str, ...]:
        """The values of an attribute for some images of a part, in their order.

        Raises:
            InvalidSubgroups: an image is not in the table.
        """
        rows = self.images[part]
        missing = [name for name in names if name not in rows]
        _check(not missing, f"a row for every {part} image", f"none for {missing[:1]}")
        return tuple(rows[name][key] for name in names)

    def write(self, folder: Path) -> Path:
        """Write table and legend into a folder, each whole or not at all."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        keys = [attribute.key for attribute in self.attributes]
        rows.writerow(("part", "image", *keys))
        for part in PARTS:
            rows.writerows(
                (part, name, *(row[key] for key in keys)) for name, row in self.images[part].items()
            )
        path = place(folder, self.modality)
        legend = {name: value for name, value in asdict(self).items() if name != "images"}
        replace_file(path, text.getvalue().encode())
        replace_file(path.with_suffix(".json"), f"{json.dumps(legend, indent=1)}\n".encode())
        return path

    @classmethod
    def from_texts(cls, table: str, legend: str) -> Self:
        """The table of a CSV text and a JSON text.

        Raises:
            InvalidSubgroups: a text is of another form, or the two do not fit.
        """
        try:
            raw = json.loads(legend)
            attributes = tuple(_attribute(one) for one in raw["attributes"])
            keys = [attribute.key for attribute in attributes]
            return cls(**raw | {"attributes": attributes, "images": _images(table, keys)})
        except InvalidSubgroups:
            raise
        except (csv.Error, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidSubgroups(
                expected="a table and its legend",
                received=f"something else ({type(error).__name__})",
            ) from error


def _attribute(raw: Mapping[str, Any]) -> Attribute:
    return Attribute(**{**raw, "values": tuple(raw["values"])})


def _images(text: str, keys: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    head, *rows = list(csv.reader(io.StringIO(text))) or [[]]
    _check(head == ["part", "image", *keys], f"the columns part, image, {', '.join(keys)}", head)
    images: dict[str, dict[str, dict[str, str]]] = {part: {} for part in PARTS}
    for part, name, *values in rows:
        images[part][name] = dict(zip(keys, values, strict=True))
    _check(sum(map(len, images.values())) == len(rows), "every image once", "an image twice")
    return images


def place(folder: Path, modality: str) -> Path:
    """Where the table of a modality lies in a folder; its legend lies beside it."""
    return folder / f"{modality}.csv"


def read(folder: Path, modality: str) -> SubgroupTable | None:
    """The table of a modality, or None where there is none.

    Raises:
        InvalidSubgroups: the files hold no such table.
        OSError: one of them cannot be read.
    """
    path = place(folder, modality)
    if not path.is_file():
        return None
    try:
        texts = (path.read_text("utf-8"), path.with_suffix(".json").read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidSubgroups(
            expected="a table and its legend in UTF-8", received="something else"
        ) from error
    table = SubgroupTable.from_texts(*texts)
    _check(table.modality == modality, f"a table of {modality}", table.modality)
    return table
