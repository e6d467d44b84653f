"""The sheet: its measures, and text and tables set from the top down."""

from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

from portal.report_pdf.ink import LINE, MUTED_TEXT, SMALL
from portal.result import Document

_MARGIN = 16 * mm
BOTTOM = 8 * mm  # nothing stands below: printers leave up to 6 mm white
LEFT, RIGHT, TOP = _MARGIN, A4[0] - _MARGIN, A4[1] - _MARGIN
WIDTH = RIGHT - LEFT
GAP = 6 * mm
_NAME = 34 * mm  # width of the names of facts


def words(text: object) -> str:
    """Text that the page's fonts can set, and that is no markup."""
    return escape(plain(str(text).replace("\u202f", "\u00a0")))


def plain(text: str) -> str:
    """Text that the page's fonts can set."""
    return text.encode("cp1252", "replace").decode("cp1252")


def put(
    canvas: Canvas,
    text: str,
    y: float,
    style: ParagraphStyle,
    *,
    x: float = LEFT,
    width: float = WIDTH,
) -> float:
    """Set a paragraph of markup below ``y``; where it ends."""
    return set_below(canvas, Paragraph(text, style), y, x, width)


def height_of(text: str, style: ParagraphStyle, width: float = WIDTH) -> float:
    """How high a paragraph of markup is."""
    return float(Paragraph(text, style).wrap(width, 0)[1])


def set_below(canvas: Canvas, paragraph: Paragraph, y: float, x: float, width: float) -> float:
    """Set a paragraph below ``y``; where it ends."""
    height = float(paragraph.wrap(width, y)[1])
    paragraph.drawOn(canvas, x, y - height)
    return y - height


def next_page(canvas: Canvas, document: Document) -> float:
    """Begin another page that says whose it is; where what follows begins."""
    canvas.showPage()
    whose = f"{document['title']}, {document['time']} (UTC), continued."
    return rule(canvas, put(canvas, words(whose), TOP, MUTED_TEXT))


def rule(canvas: Canvas, y: float) -> float:
    """A line below ``y``; where what follows it begins."""
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(LEFT, y - 3 * mm, RIGHT, y - 3 * mm)
    return float(y - 6 * mm)


def facts_table(
    canvas: Canvas, facts: list[tuple[str, str]], y: float, x: float, width: float
) -> float:
    """Names and what they are, in two columns."""
    return _drawn(canvas, _facts(facts, width), x, y)


def facts_height(facts: list[tuple[str, str]], width: float) -> float:
    """How high such a table is."""
    return float(_facts(facts, width).wrap(width, 0)[1])


def _facts(facts: list[tuple[str, str]], width: float) -> Table:
    rows = [
        [Paragraph(words(name), MUTED_TEXT), Paragraph(words(what), SMALL)] for name, what in facts
    ]
    return _table(rows, [_NAME, width - _NAME], lines=False)


def table(
    canvas: Canvas,
    rows: list[list[object]],
    widths: list[float],
    x: float,
    y: float,
    *,
    lines: bool,
) -> float:
    """Set rows of paragraphs below ``y``; where they end."""
    return _drawn(canvas, _table(rows, widths, lines=lines), x, y)


def _table(rows: list[list[object]], widths: list[float], *, lines: bool) -> Table:
    table = Table(rows, colWidths=widths)
    style: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    if lines:
        style.append(("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE))
    table.setStyle(TableStyle(style))
    return table


def _drawn(canvas: Canvas, table: Table, x: float, y: float) -> float:
    height = float(table.wrapOn(canvas, WIDTH, y)[1])
    table.drawOn(canvas, x, y - height)
    return y - height
