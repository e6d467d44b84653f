"""Content items, of which the tree of a structured report is made. DICOM PS3.3 C.17.3."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code

from portal.dicom_answer.concepts import SHARE, coded
from portal.dicom_answer.plain_text import plain

CONTAINS = "CONTAINS"
CONTEXT = "HAS OBS CONTEXT"
MODIFIER = "HAS CONCEPT MOD"
PROPERTY = "HAS PROPERTIES"
SELECTED = "SELECTED FROM"

_DECIMALS = 10  # of a number at most, as the 16 characters of a DS hold them


def container(title: Code, *items: Dataset, template: str | None = None) -> Dataset:
    """A heading with what stands below it, in the order of a template of DICOM PS3.16."""
    made = _item("CONTAINER", title, CONTAINS)
    made.ContinuityOfContent = "SEPARATE"
    made.ContentSequence = Sequence(items)
    if template is not None:
        made.ContentTemplateSequence = _of_dcmr(template)
    return made


def text(title: Code, value: str, relation: str = CONTAINS) -> Dataset:
    """A text."""
    made = _item("TEXT", title, relation)
    made.TextValue = plain(value)
    return made


def code(title: Code, value: Code, relation: str = CONTAINS, *modifiers: Dataset) -> Dataset:
    """One of the values of a concept, and what narrows it down."""
    made = _item("CODE", title, relation)
    made.ConceptCodeSequence = coded(value)
    if modifiers:
        made.ContentSequence = Sequence(modifiers)
    return made


def uid(title: Code, value: str) -> Dataset:
    """A unique identifier, which tells whose observation it is, or which."""
    made = _item("UIDREF", title, CONTEXT)
    made.UID = value
    return made


def number(
    title: Code, value: float, *properties: Dataset, unit: Code = SHARE, relation: str = CONTAINS
) -> Dataset:
    """A number with its unit, and what is known of it."""
    made = _item("NUM", title, relation)
    measured = Dataset()
    measured.NumericValue = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    measured.MeasurementUnitsCodeSequence = coded(unit)
    made.MeasuredValueSequence = Sequence([measured])
    if properties:
        made.ContentSequence = Sequence(properties)
    return made


def image(title: Code | None, reference: Dataset, relation: str = CONTAINS) -> Dataset:
    """An image that is another file; what a region is selected from needs no title."""
    made = _item("IMAGE", title, relation)
    made.ReferencedSOPSequence = Sequence([reference])
    return made


def outline(title: Code, points: list[tuple[int, int]], reference: Dataset) -> Dataset:
    """A part of an image that is another file.

    Args:
        title: its name.
        points: (column, row) of each corner, the first once more at the end; 0 is the outer edge
            of the first pixel.
        reference: names the image, and its frame.

    Source: DICOM PS3.3 C.18.6, Spatial Coordinates Macro.
    """
    made = _item("SCOORD", title, CONTAINS)
    made.GraphicType = "POLYLINE"
    made.GraphicData = [float(place) for point in points for place in point]
    made.PixelOriginInterpretation = "FRAME"
    made.ContentSequence = Sequence([image(None, reference, SELECTED)])
    return made


def _of_dcmr(template: str) -> Sequence:
    item = Dataset()
    item.MappingResource = "DCMR"
    item.TemplateIdentifier = template
    return Sequence([item])


def _item(kind: str, title: Code | None, relation: str) -> Dataset:
    made = Dataset()
    made.RelationshipType = relation
    made.ValueType = kind
    if title is not None:
        made.ConceptNameCodeSequence = coded(title)
    return made
