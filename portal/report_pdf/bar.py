"""The model probability on its bar, with threshold and band."""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.figures.numbers import limit
from portal.report_pdf.ink import INK, MUTED, TONES
from portal.report_pdf.mark import mark
from portal.report_pdf.sheet import plain
from portal.result import Document
from portal.wording import model_probability, tone_of

_LABEL = 7.5  # points


def bar(canvas: Canvas, model: Document, y: float, x: float, width: float) -> float:
    """The model probability on its bar, with threshold and band; ``y`` is the bar's top."""
    height = 4 * mm
    strip(canvas, model, y, x, width, height)
    canvas.setFillColor(MUTED)
    canvas.drawString(x, y - height - 8.5 * mm, f"0 {plain(model['labels'][0])}")
    canvas.drawRightString(x + width, y - height - 8.5 * mm, f"{plain(model['labels'][1])} 1")
    return float(y - height - 10 * mm)


def strip(canvas: Canvas, model: Document, y: float, x: float, width: float, height: float) -> None:
    """The bar without its ends: the probability is written above, the threshold below it."""
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
    mark(canvas, tone_of(model), x + model["probability"] * width, y - height / 2, 1.7 * mm)
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica", _LABEL)
    _label(canvas, x, width, model["probability"], y + 1.6 * mm, model_probability(model))
    below = y - height - 1.6 * mm - 0.72 * _LABEL  # 0.72: as high as a digit is
    _label(canvas, x, width, threshold, below, f"threshold {limit(threshold)}")


def _label(canvas: Canvas, x: float, width: float, share: float, y: float, text: str) -> None:
    """A label at its place of the bar, moved inwards where it would stick out."""
    length = canvas.stringWidth(text, "Helvetica", _LABEL)
    left = min(max(x + share * width - length / 2, x), x + width - length)
    canvas.drawString(left, y, text)
