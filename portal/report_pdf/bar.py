"""The model probability on its bar, with threshold and band."""

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.report_pdf.ink import INK, MUTED, TONES
from portal.report_pdf.sheet import plain
from portal.result import Document
from portal.wording import model_probability, tone_of


def bar(canvas: Canvas, model: Document, y: float, x: float, width: float) -> float:
    """The model probability on its bar, with threshold and band; ``y`` is the bar's top."""
    height, threshold = 4 * mm, model["threshold"]["value"]
    strip(canvas, model, y, x, width, height)
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica", 7.5)
    _label(
        canvas,
        x,
        width,
        model["probability"],
        y + 2.5 * mm,
        model_probability(model, 2),
    )
    _label(canvas, x, width, threshold, y - height - 4.5 * mm, f"threshold {threshold:.2f}")
    canvas.setFillColor(MUTED)
    canvas.drawString(x, y - height - 8.5 * mm, f"0 {plain(model['labels'][0])}")
    canvas.drawRightString(x + width, y - height - 8.5 * mm, f"{plain(model['labels'][1])} 1")
    return float(y - height - 10 * mm)


def strip(canvas: Canvas, model: Document, y: float, x: float, width: float, height: float) -> None:
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
            stroke, fill = TONES[tone]
            canvas.setStrokeColor(stroke)
            canvas.setFillColor(fill)
            canvas.rect(x + low * width, y - height, (high - low) * width, height, fill=1)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.25)
    canvas.line(x + threshold * width, y + 1 * mm, x + threshold * width, y - height - 1 * mm)
    _mark(canvas, tone_of(model), x + model["probability"] * width, y - height / 2)


def _mark(canvas: Canvas, tone: str, x: float, y: float) -> None:
    """A diamond, a disc or a square, as on the pages."""
    canvas.setFillColor(TONES[tone][0])
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
