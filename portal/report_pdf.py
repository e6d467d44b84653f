"""A result on one A4 page, drawn from its document alone: the same document, the same bytes.

The text is set in the fonts that every reader of PDF has, so none is embedded; it can be selected.
"""

import base64
import io
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from portal.result import Document
from portal.uncertainty import UNCERTAIN

_MARGIN = 16 * mm
_LEFT, _RIGHT, _TOP = _MARGIN, A4[0] - _MARGIN, A4[1] - _MARGIN
_WIDTH = _RIGHT - _LEFT
_PICTURE = 52 * mm  # side of what the models saw
_GAP = 6 * mm

_INK, _MUTED, _LINE = HexColor("#171b1d"), HexColor("#525b60"), HexColor("#c3cacc")
_TONES = {  # the light hues of the pages
    "positive": (HexColor("#a34805"), HexColor("#fbe9da")),
    "negative": (HexColor("#1b5a9c"), HexColor("#e2edf8")),
    "uncertain": (HexColor("#6c458f"), HexColor("#f0e8f8")),
}

_TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=8.5, leading=11, textColor=_INK)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=7.5, leading=9.5)
_MUTED_TEXT = ParagraphStyle("muted", parent=_SMALL, textColor=_MUTED)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontName="Helvetica-Bold", fontSize=10, leading=13)
_TITLE = ParagraphStyle("title", parent=_HEAD, fontSize=15, leading=19)
_LEAD = ParagraphStyle("lead", parent=_TEXT, fontSize=11, leading=14)


def report_pdf(document: Document) -> bytes:
    """The page of a result, as ``portal.result`` writes it: one A4 page for one model or many."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang="en")
    date = document["time"].translate({ord(sign): None for sign in "-:T"})
    canvas.setDateFormatter(lambda *_now: f"D:{date}")
    canvas.setTitle("Breast imaging bench: result")
    canvas.setSubject(document["intended_use"])
    canvas.setCreator(f"Breast imaging bench {document['portal_version']}")
    y = _opening(canvas, document)
    models = document["models"]
    body = _many if len(models) + len(document["unanswered"]) > 1 else _single
    y = body(canvas, document, y)
    _input(canvas, document, y)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _words(text: object) -> str:
    """Text that the page's fonts can set, and that is no markup."""
    plain = str(text).replace("\u202f", "\u00a0")
    return escape(plain.encode("cp1252", "replace").decode("cp1252"))


def _put(
    canvas: Canvas,
    text: str,
    y: float,
    style: ParagraphStyle,
    *,
    x: float = _LEFT,
    width: float = _WIDTH,
) -> float:
    """Set a paragraph of markup below ``y``; where it ends."""
    paragraph = Paragraph(text, style)
    height = float(paragraph.wrap(width, y)[1])
    paragraph.drawOn(canvas, x, y - height)
    return y - height


def _rule(canvas: Canvas, y: float) -> float:
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, y - 3 * mm, _RIGHT, y - 3 * mm)
    return float(y - 6 * mm)


def _opening(canvas: Canvas, document: Document) -> float:
    y = _put(canvas, _words(document["title"]), _TOP, _TITLE)
    version = f"Breast imaging bench, version {document['portal_version']}"
    y = _put(canvas, _words(f"{document['time']} (UTC). {version}."), y, _MUTED_TEXT)
    y = _put(canvas, f"<b>{_words(document['intended_use'])}</b>", y - 1.5 * mm, _TEXT)
    return _rule(canvas, y)


def _picture(canvas: Canvas, document: Document, y: float) -> float:
    """What the models saw, at the left; where it ends with its caption."""
    png = base64.b64decode(document["input"]["prepared_png"])
    canvas.drawImage(ImageReader(io.BytesIO(png)), _LEFT, y - _PICTURE, _PICTURE, _PICTURE)
    caption = "What the model saw: the image after preparation, 224 x 224 pixels."
    return _put(canvas, caption, y - _PICTURE - 1.5 * mm, _MUTED_TEXT, width=_PICTURE)


def _tone(model: Document) -> str:
    if model["verdict"] == UNCERTAIN:
        return "uncertain"
    return "positive" if model["label"] == model["labels"][1] else "negative"


def _said(model: Document) -> str:
    if model["verdict"] == UNCERTAIN:
        return f"{UNCERTAIN}: human reading needed"
    return str(model["verdict"])


def _single(canvas: Canvas, document: Document, y: float) -> float:
    (model,) = document["models"]
    x, width = _LEFT + _PICTURE + _GAP, _WIDTH - _PICTURE - _GAP
    below_picture = _picture(canvas, document, y)
    word = ParagraphStyle("word", parent=_TITLE, textColor=_TONES[_tone(model)][0])
    right = _put(canvas, _words(_said(model)), y, word, x=x, width=width)
    if model["verdict"] == UNCERTAIN:
        leaning = _words(f"The model leans to {model['label']}.")
        right = _put(canvas, leaning, right - 1 * mm, _LEAD, x=x, width=width)
    right = _bar(canvas, model, right - 9 * mm, x, width)
    facts = [
        ("Model probability", _decimals(model["model_probability"], 4)),
        ("Threshold", f"{model['threshold']['value']:.2f}, {model['threshold']['rule']}"),
        ("Calibrated probability", _decimals(model["calibrated_probability"], 4)),
        (
            "Sensitivity",
            f"{_estimate(model['sensitivity'])} of {model['test_images']['positive']} test images",
        ),
        (
            "Specificity",
            f"{_estimate(model['specificity'])} of {model['test_images']['negative']} test images",
        ),
    ]
    right = _facts(canvas, facts, right - 3 * mm, x, width)
    y = _rule(canvas, min(below_picture, right))
    y = _facts(
        canvas,
        [
            ("Meaning", model["expectation"]),
            ("Uncertainty", " ".join(filter(None, _band_words(model)))),
            ("Model", f"{model['model']}, made {model['created']}"),
            ("Fingerprint", model["fingerprint"]),
        ],
        y,
        _LEFT,
        _WIDTH,
    )
    return _rule(canvas, y)


def _band_words(model: Document) -> tuple[str, str | None]:
    return model["uncertain"]["rule"], model["uncertain"]["experience"]


def _decimals(probability: float, places: int) -> str:
    """A probability, never written as a certainty."""
    step = 10.0**-places
    if probability < step / 2:
        return f"< {step:.{places}f}"
    if probability > 1 - step / 2:
        return f"> {1 - step:.{places}f}"
    return f"{probability:.{places}f}"


def _estimate(estimate: Document) -> str:
    low, high = round(100 * estimate["low"]), round(100 * estimate["high"])
    return f"{round(100 * estimate['value'])} % (95 % interval {low} to {high})"


def _facts(canvas: Canvas, facts: list[tuple[str, str]], y: float, x: float, width: float) -> float:
    """Names and what they are, in two columns."""
    name_width = 34 * mm
    rows = [
        [Paragraph(_words(name), _MUTED_TEXT), Paragraph(_words(what), _SMALL)]
        for name, what in facts
    ]
    return _table(canvas, rows, [name_width, width - name_width], x, y, lines=False)


def _table(
    canvas: Canvas,
    rows: list[list[object]],
    widths: list[float],
    x: float,
    y: float,
    *,
    lines: bool,
) -> float:
    table = Table(rows, colWidths=widths)
    style: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    if lines:
        style.append(("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE))
    table.setStyle(TableStyle(style))
    height = float(table.wrapOn(canvas, sum(widths), y)[1])
    table.drawOn(canvas, x, y - height)
    return y - height


def _bar(canvas: Canvas, model: Document, y: float, x: float, width: float) -> float:
    """The model probability on its bar, with threshold and band; ``y`` is the bar's top."""
    height, threshold = 4 * mm, model["threshold"]["value"]
    _strip(canvas, model, y, x, width, height)
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica", 7.5)
    _label(
        canvas,
        x,
        width,
        model["model_probability"],
        y + 2.5 * mm,
        _decimals(model["model_probability"], 2),
    )
    _label(canvas, x, width, threshold, y - height - 4.5 * mm, f"threshold {threshold:.2f}")
    canvas.setFillColor(_MUTED)
    canvas.drawString(x, y - height - 8.5 * mm, f"0 {_plain(model['labels'][0])}")
    canvas.drawRightString(x + width, y - height - 8.5 * mm, f"{_plain(model['labels'][1])} 1")
    return float(y - height - 10 * mm)


def _strip(
    canvas: Canvas, model: Document, y: float, x: float, width: float, height: float
) -> None:
    """The bar without its words."""
    threshold, band = model["threshold"]["value"], model["uncertain"]
    stretches = (
        ("negative", 0.0, threshold),
        ("positive", threshold, 1.0),
        ("uncertain", band["low"], band["high"]),
    )
    canvas.setLineWidth(0.5)
    for tone, low, high in stretches:
        if high > low:
            stroke, fill = _TONES[tone]
            canvas.setStrokeColor(stroke)
            canvas.setFillColor(fill)
            canvas.rect(x + low * width, y - height, (high - low) * width, height, fill=1)
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(1.25)
    canvas.line(x + threshold * width, y + 1 * mm, x + threshold * width, y - height - 1 * mm)
    _mark(canvas, _tone(model), x + model["model_probability"] * width, y - height / 2)


def _mark(canvas: Canvas, tone: str, x: float, y: float) -> None:
    """A diamond, a disc or a square, as on the pages."""
    canvas.setFillColor(_TONES[tone][0])
    canvas.setStrokeColor(HexColor("#ffffff"))
    canvas.setLineWidth(0.75)
    radius = 1.7 * mm
    if tone == "negative":
        canvas.circle(x, y, radius, fill=1)
        return
    path = canvas.beginPath()
    corners = (
        ((0, radius * 1.2), (radius * 1.2, 0), (0, -radius * 1.2), (-radius * 1.2, 0))
        if tone == "positive"
        else ((-radius, radius), (radius, radius), (radius, -radius), (-radius, -radius))
    )
    path.moveTo(x + corners[0][0], y + corners[0][1])
    for right, up in corners[1:]:
        path.lineTo(x + right, y + up)
    path.close()
    canvas.drawPath(path, fill=1)


def _label(canvas: Canvas, x: float, width: float, share: float, y: float, text: str) -> None:
    """A label at its place of the bar, moved inwards where it would stick out."""
    length = canvas.stringWidth(text, "Helvetica", 7.5)
    left = min(max(x + share * width - length / 2, x), x + width - length)
    canvas.drawString(left, y, text)


def _plain(text: str) -> str:
    return text.encode("cp1252", "replace").decode("cp1252")


_COLUMNS = (  # of the table of models: title, share of the width
    ("Model and fingerprint", 0.24),
    ("Verdict", 0.16),
    ("Calibrated probability", 0.11),
    ("Model probability", 0.11),
    ("Threshold", 0.09),
    ("Uncertain", 0.11),
    ("Sensitivity", 0.09),
    ("Specificity", 0.09),
)


def _many(canvas: Canvas, document: Document, y: float) -> float:
    x, width = _LEFT + _PICTURE + _GAP, _WIDTH - _PICTURE - _GAP
    below_picture = _picture(canvas, document, y)
    right = y
    if document["agreement"]:
        right = _put(
            canvas,
            f"<b>{_words(document['agreement']['sentence'])}</b>",
            y,
            _LEAD,
            x=x,
            width=width,
        )
    if document["spread"]:
        right = _put(
            canvas,
            _words(document["spread"]["sentence"]),
            right - 1.5 * mm,
            _TEXT,
            x=x,
            width=width,
        )
    right = _strips(canvas, document["models"], right - 5 * mm, x, width)
    y = min(below_picture, right) - 5 * mm
    head = [Paragraph(title, _MUTED_TEXT) for title, _ in _COLUMNS]
    rows = [head, *(_row(model) for model in document["models"])]
    y = _table(canvas, rows, [share * _WIDTH for _, share in _COLUMNS], _LEFT, y, lines=True)
    for missing in document["unanswered"]:
        y = _put(
            canvas,
            _words(f"{missing['title']}: no answer. {missing['reason']}."),
            y - 1 * mm,
            _SMALL,
        )
    rules = sorted({model["threshold"]["rule"] for model in document["models"]})
    note = (
        "From its threshold on a model leans to "
        f"{document['models'][0]['labels'][1]}; between the numbers under Uncertain it asks for a "
        "human reading: from its high-sensitivity threshold to where the calibrated probability "
        "reaches 0.5, or to its threshold where that is higher. Sensitivity and specificity were "
        f"counted on test images at the threshold, with 95 % intervals. Rule: {'; '.join(rules)}."
    )
    return _rule(canvas, _put(canvas, _words(note), y - 2 * mm, _MUTED_TEXT))


def _strips(canvas: Canvas, models: list[Document], y: float, x: float, width: float) -> float:
    """A bar for each model on one axis, named at its left."""
    name, height, step = 46 * mm, 2.6 * mm, 6.4 * mm
    for model in models:
        canvas.setFillColor(_INK)
        canvas.setFont("Helvetica", 6.5)
        canvas.drawString(x, y - height + 0.5 * mm, _plain(model["model"]))
        _strip(canvas, model, y, x + name, width - name, height)
        y -= step
    canvas.setFillColor(_MUTED)
    canvas.setFont("Helvetica", 7)
    labels = models[0]["labels"]
    canvas.drawString(x + name, y, f"0 {_plain(labels[0])}")
    canvas.drawCentredString(x + name + (width - name) / 2, y, "model probability")
    canvas.drawRightString(x + width, y, f"{_plain(labels[1])} 1")
    return y


def _row(model: Document) -> list[object]:
    tone = ParagraphStyle("tone", parent=_SMALL, textColor=_TONES[_tone(model)][0])
    leans = f"<br/>leans to {_words(model['label'])}" if model["verdict"] == UNCERTAIN else ""
    band = model["uncertain"]
    cells = (
        _decimals(model["calibrated_probability"], 3),
        _decimals(model["model_probability"], 3),
        f"{model['threshold']['value']:.2f}",
        f"{band['low']:.2f} to {band['high']:.2f}" if band["low"] < band["high"] else "never",
        _share(model["sensitivity"]),
        _share(model["specificity"]),
    )
    return [
        Paragraph(f"{_words(model['model'])}<br/>{_words(model['fingerprint'])}", _SMALL),
        Paragraph(f"<b>{_words(model['verdict'])}</b>{leans}", tone),
        *(Paragraph(_words(cell), _SMALL) for cell in cells),
    ]


def _share(estimate: Document) -> str:
    low, high = round(100 * estimate["low"]), round(100 * estimate["high"])
    return f"{round(100 * estimate['value'])} % ({low} to {high})"


def _input(canvas: Canvas, document: Document, y: float) -> None:
    sent = document["input"]
    y = _put(canvas, "Input", y, _HEAD)
    facts = [("SHA-256 of the file", sent["sha256"]), ("Read as", sent["modality"])]
    facts += [
        ("Checks" if not number else "", check) for number, check in enumerate(sent["checks"])
    ]
    _facts(canvas, facts, y - 1 * mm, _LEFT, _WIDTH)
