"""What the page is drawn with: the light hues of the pages, and the styles of its text."""

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle

INK, MUTED, LINE = HexColor("#171b1d"), HexColor("#525b60"), HexColor("#c3cacc")
TONES = {  # the light hues of the pages
    "positive": (HexColor("#a34805"), HexColor("#fbe9da")),
    "negative": (HexColor("#1b5a9c"), HexColor("#e2edf8")),
    "uncertain": (HexColor("#6c458f"), HexColor("#f0e8f8")),
}

TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=8.5, leading=11, textColor=INK)
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=7.5, leading=9.5)
TINY = ParagraphStyle("tiny", parent=TEXT, fontSize=7, leading=8)  # nothing is smaller
MUTED_TEXT = ParagraphStyle("muted", parent=SMALL, textColor=MUTED)
HEAD = ParagraphStyle("head", parent=TEXT, fontName="Helvetica-Bold", fontSize=10, leading=13)
TITLE = ParagraphStyle("title", parent=HEAD, fontSize=15, leading=19)
LEAD = ParagraphStyle("lead", parent=TEXT, fontSize=11, leading=14)
