"""The shape of a verdict: a diamond, a disc or a square, as on the pages."""

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from portal.report_pdf.ink import TONES


class Marked(Paragraph):  # type: ignore[misc] # reportlab publishes no types
    """A paragraph in the hue of a verdict, with its shape before the first line."""

    def __init__(self, text: str, style: ParagraphStyle, tone: str) -> None:
        self._tone, self._size = tone, style.fontSize
        hue = ParagraphStyle(
            "marked", parent=style, textColor=TONES[tone][0], leftIndent=1.2 * self._size
        )
        super().__init__(text, hue)

    def draw(self) -> None:
        """The shape, in the middle of the first line's capitals, then the text."""
        first = self.height - self.style.leading + 0.55 * self._size
        mark(self.canv, self._tone, 0.45 * self._size, first, 0.4 * self._size)
        super().draw()


def mark(canvas: Canvas, tone: str, x: float, y: float, radius: float) -> None:
    """A shape with its middle at ``x``, ``y``."""
    canvas.setFillColor(TONES[tone][0])
    canvas.setStrokeColor(HexColor("#ffffff"))
    canvas.setLineWidth(0.75)
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
