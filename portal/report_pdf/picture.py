"""Pictures, and what the models saw."""

import numpy as np
from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.heat_overlay import image_of
from portal.report_pdf.ink import MUTED_TEXT
from portal.report_pdf.sheet import LEFT, put
from portal.result import Document


def picture(canvas: Canvas, document: Document, y: float, side: float) -> float:
    """What the models saw, at the left; where it ends with its caption."""
    drawn(canvas, image_of(document["input"]["prepared_png"]), LEFT, y, side, side)
    caption = "What the model saw: the image after preparation, 224 x 224 pixels."
    return put(canvas, caption, y - side - 1.5 * mm, MUTED_TEXT, width=side)


def drawn(
    canvas: Canvas, pixels: np.ndarray, x: float, y: float, width: float, height: float
) -> None:
    """Draw (rows, columns, 3) uint8 RGB with its upper left corner at ``x``, ``y``."""
    canvas.drawImage(ImageReader(Image.fromarray(pixels)), x, y - height, width, height)
