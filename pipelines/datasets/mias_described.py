"""What the table of mini-MIAS says of a film and of each abnormality in it."""

import csv
from pathlib import Path

from models.subgroup_table import UNKNOWN, Attribute
from pipelines.datasets.described import Described, Known
from pipelines.datasets.errors import DatasetRefused
from pipelines.datasets.film_places import FILM

_TISSUE = {"F": "fatty", "G": "fatty-glandular", "D": "dense-glandular"}
_ABNORMALITY = {
    "CIRC": "well-defined mass",
    "SPIC": "spiculated mass",
    "MISC": "other, ill-defined mass",
    "CALC": "calcification",
    "ARCH": "distorted architecture",
    "ASYM": "asymmetry",
    "NORM": "normal",
}
_SEVERITY = {"B": "benign abnormality", "M": "malignant abnormality", "": "normal"}


class NotInTable(DatasetRefused):
    title = "The table does not say what an image shows"


def read_described(folder: Path, name: str) -> Known:
    """What labels.csv says of a crop.

    Args:
        folder: of the set, with ``labels.csv``.
        name: the sample's: ``mdb001@535,598#0``, with the place counted from the top.

    Raises:
        NotInTable: the table is missing, or has no such film or place.
    """
    film, _, place = name.partition("#")[0].partition("@")
    path = folder / "labels.csv"
    if not path.is_file():
        raise NotInTable(expected=f"a file labels.csv in {folder}", received="none")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["image"] == film]
    for row in rows:
        normal = row["abnormality"] == "NORM"
        if normal or (row["x"] and place == f"{row['x']},{FILM - 1 - int(row['y'])}"):
            return {
                "density": _TISSUE.get(row["tissue"], UNKNOWN),
                "abnormality": _ABNORMALITY.get(row["abnormality"], UNKNOWN),
                "severity": _SEVERITY.get(row["severity"], UNKNOWN),
            }
    raise NotInTable(expected=f"a row for {name} in labels.csv", received="none")


DESCRIBED = Described(
    attributes=(
        Attribute(
            key="density",
            title="Density of the breast",
            explanation="The character of the background tissue of the film, as its readers noted.",
            values=tuple(_TISSUE.values()),
        ),
        Attribute(
            key="abnormality",
            title="Kind of abnormality",
            explanation="The class of the abnormality at the middle of the crop, as the readers of "
            "the film noted. Normal crops come from films without one.",
            values=tuple(_ABNORMALITY.values()),
        ),
        Attribute(
            key="severity",
            title="Severity of the abnormality",
            explanation="Whether the abnormality proved benign or malignant; both are positive "
            "here, as the question is whether there is any.",
            values=tuple(_SEVERITY.values()),
        ),
    ),
    read=read_described,
)
