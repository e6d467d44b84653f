"""A result on one A4 page or two, drawn from its document alone: the same document, the same bytes.

The text is set in the fonts that every reader of PDF has, so none is embedded; it can be selected.
"""

import io

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.report_pdf.heat_maps import heat_maps
from portal.report_pdf.ink import HEAD, LEAD, MUTED_TEXT, TEXT, TITLE
from portal.report_pdf.many_models import many_models
from portal.report_pdf.one_model import one_model
from portal.report_pdf.sheet import (
    BOTTOM,
    LEFT,
    TOP,
    WIDTH,
    facts_height,
    facts_table,
    next_page,
    put,
    rule,
    words,
)
from portal.result import Document, checks_of


def report_pdf(document: Document) -> bytes:
    """The PDF of a result, as ``portal.result`` writes it, for one model or many."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en")
    date = document["time"].translate({ord(sign): None for sign in "-:T"})
    canvas.setDateFormatter(lambda *_now: f"D:{date}")
    canvas.setTitle(_title(document))
    canvas.setViewerPreference("DisplayDocTitle", "true")  # in the window, not a file's name
    canvas.setSubject(document["intended_use"])
    canvas.setCreator(f"Breast imaging bench {document['portal_version']}")
    y = _opening(canvas, document)
    models = document["models"]
    body = many_models if len(models) + len(document["unanswered"]) > 1 else one_model
    y = heat_maps(canvas, document, body(canvas, document, y))
    _input(canvas, document, y)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _title(document: Document) -> str:
    said = ", ".join(dict.fromkeys(model["verdict"] for model in document["models"]))
    return f"{said}: {document['title']} - Breast imaging bench"


def _opening(canvas: Canvas, document: Document) -> float:
    y = put(canvas, words(document["title"]), TOP, TITLE)
    version = f"Breast imaging bench, version {document['portal_version']}"
    y = put(canvas, words(f"{document['time']} (UTC). {version}."), y, MUTED_TEXT)
    y = put(canvas, f"<b>{words(document['intended_use'])}</b>", y - 1.5 * mm, TEXT)
    for warning in document["input"]["warnings"]:
        y = put(canvas, f"<b>Warning: {words(warning)}</b>", y - 3 * mm, LEAD)
    return rule(canvas, y)


def _input(canvas: Canvas, document: Document, y: float) -> None:
    """What was read, on a page of its own where too little is left of this one."""
    sent = document["input"]
    facts = [("SHA-256 of the file", sent["sha256"]), ("Read as", sent["modality"])]
    facts += [("Checks", checks_of(sent))]
    if y - HEAD.leading - 1 * mm - facts_height(facts, WIDTH) < BOTTOM:
        y = next_page(canvas, document)
    y = put(canvas, "Input", y, HEAD)
    facts_table(canvas, facts, y - 1 * mm, LEFT, WIDTH)
