"""What the table of mini-MIAS says of a film and of each abnormality in it."""

from pathlib import Path

from models.subgroup_table import UNKNOWN, Attribute
from pipelines.datasets.described import Described, Known
from pipelines.datasets.errors import DatasetRefused
from pipelines.datasets.mias_table import TABLE, Row, centre_of, is_normal, read_rows

_COLUMNS = ("image", "tissue", "abnormality", "severity", "x", "y")
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
        InvalidTable: it is no such table.
    """
    if not (folder / TABLE).is_file():
        raise NotInTable(expected=f"a file {TABLE} in {folder}", received="none")
    film, _, place = name.partition("#")[0].partition("@")
    for row in read_rows(folder, _COLUMNS):
        if row["image"] == film and (is_normal(row) or _place(row) == place):
            return {
                "density": _TISSUE.get(row["tissue"], UNKNOWN),
                "abnormality": _ABNORMALITY.get(row["abnormality"], UNKNOWN),
                "severity": _SEVERITY.get(row["severity"], UNKNOWN),
            }
    raise NotInTable(expected=f"a row for {name} in {TABLE}", received="none")


def _place(row: Row) -> str | None:
    """As a sample's name has it: column and row from the top."""
    centre = centre_of(row)
    return None if centre is None else f"{centre[1]},{centre[0]}"


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
