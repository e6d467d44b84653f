"""The answers of several models: bars on one axis, and a table."""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from portal.figures.numbers import limit
from portal.report_pdf.bar import strip
from portal.report_pdf.ink import LEAD, MUTED, MUTED_TEXT, SMALL, TEXT
from portal.report_pdf.mark import Marked
from portal.report_pdf.picture import picture
from portal.report_pdf.sheet import GAP, LEFT, WIDTH, plain, put, rule, table, words
from portal.result import Document
from portal.uncertainty import UNCERTAIN
from portal.wording import (
    calibrated_probability,
    cautions,
    model_probability,
    share,
    tone_of,
)

_PICTURE = 44 * mm  # side of what the models saw
_COLUMNS = (  # of the table of models: title, share of the width
    ("Model", 0.26),
    ("Verdict", 0.15),
    ("Calibrated probability", 0.11),
    ("Model probability", 0.11),
    ("Threshold", 0.09),
    ("Uncertain", 0.1),
    ("Sensitivity", 0.09),
    ("Specificity", 0.09),
)


def many_models(canvas: Canvas, document: Document, y: float) -> float:
    """Picture, bars and table below ``y``; where they end."""
    x, width = LEFT + _PICTURE + GAP, WIDTH - _PICTURE - GAP
    below_picture = picture(canvas, document, y, _PICTURE)
    right = y
    if document["agreement"]:
        right = put(
            canvas,
            f"<b>{words(document['agreement']['sentence'])}</b>",
            y,
            LEAD,
            x=x,
            width=width,
        )
    if document["spread"]:
        right = put(
            canvas,
            words(document["spread"]["sentence"]),
            right - 1.5 * mm,
            TEXT,
            x=x,
            width=width,
        )
    right = _strips(canvas, document["models"], right - 5 * mm, x, width)
    y = min(below_picture, right) - 5 * mm
    head = [Paragraph(title, MUTED_TEXT) for title, _ in _COLUMNS]
    rows = [head, *(_row(model) for model in document["models"])]
    y = table(canvas, rows, [share * WIDTH for _, share in _COLUMNS], LEFT, y, lines=True)
    for missing in document["unanswered"]:
        y = put(
            canvas,
            words(f"{missing['title']}: no answer. {missing['reason']}."),
            y - 1 * mm,
            SMALL,
        )
    rules = sorted({model["threshold"]["rule"] for model in document["models"]})
    note = (
        "From its threshold on a model leans to "
        f"{document['models'][0]['labels'][1]}; between the numbers under Uncertain it asks for a "
        "human reading: from its high-sensitivity threshold to where the calibrated probability "
        "reaches 0.5, or to its threshold where that is higher. Sensitivity and specificity were "
        f"counted on test images at the threshold, with 95 % intervals. Rule: {'; '.join(rules)}. "
        f"{cautions(document['models'])} {_files(document['models'])}"
    )
    return rule(canvas, put(canvas, words(note), y - 2 * mm, MUTED_TEXT))


def _strips(canvas: Canvas, models: list[Document], y: float, x: float, width: float) -> float:
    """A bar for each model on one axis, named at its left."""
    name, height, step = 40 * mm, 2.6 * mm, 10.5 * mm
    for model in models:
        put(canvas, words(model["title"]), y + 1.8 * mm, SMALL, x=x, width=name - 2 * mm)
        strip(canvas, model, y, x + name, width - name, height)
        y -= step
    canvas.setFillColor(MUTED)
    canvas.setFont("Helvetica", 7)
    labels = models[0]["labels"]
    canvas.drawString(x + name, y, f"0 {plain(labels[0])}")
    canvas.drawCentredString(x + name + (width - name) / 2, y, "model probability")
    canvas.drawRightString(x + width, y, f"{plain(labels[1])} 1")
    return y


def _row(model: Document) -> list[object]:
    leans = f"<br/>leans to {words(model['label'])}" if model["verdict"] == UNCERTAIN else ""
    band = model["uncertain"]
    cells = (
        calibrated_probability(model),
        model_probability(model),
        limit(model["threshold"]["value"]),
        _ends(model) if band["low"] < band["high"] else "never",
        share(model["sensitivity"]),
        share(model["specificity"]),
    )
    return [
        Paragraph(words(model["title"]), SMALL),
        Marked(f"<b>{words(model['verdict'])}</b>{leans}", SMALL, tone_of(model)),
        *(Paragraph(words(cell).replace(" (", "<br/>("), SMALL) for cell in cells),
    ]


def _files(models: list[Document]) -> str:
    """Which files answered, beyond doubt: what their titles are short for."""
    named = (f"{each['model']}\u00a0{each['fingerprint']}" for each in models)
    return f"Files and fingerprints: {', '.join(named)}."


def _ends(model: Document) -> str:
    band, said = model["uncertain"], model["probability"]
    return f"{limit(band['low'], said)} to {limit(band['high'], said)}"
