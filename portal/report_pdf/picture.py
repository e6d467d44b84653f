"""What the models saw."""

import base64
import io

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.report_pdf.ink import MUTED_TEXT
from portal.report_pdf.sheet import LEFT, PICTURE, put
from portal.result import Document


def picture(canvas: Canvas, document: Document, y: float) -> float:
    """What the models saw, at the left; where it ends with its caption."""
    png = base64.b64decode(document["input"]["prepared_png"])
    canvas.drawImage(ImageReader(io.BytesIO(png)), LEFT, y - PICTURE, PICTURE, PICTURE)
    caption = "What the model saw: the image after preparation, 224 x 224 pixels."
    return put(canvas, caption, y - PICTURE - 1.5 * mm, MUTED_TEXT, width=PICTURE)
