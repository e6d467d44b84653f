"""Where the models looked: what they saw under its heat-map, with scale and worth."""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.heat_overlay import overlaid, ramp
from portal.measured_agreement import IN_THE_LESION
from portal.report_pdf.ink import HEAD, INK, MUTED_TEXT, SMALL, TINY
from portal.report_pdf.picture import drawn
from portal.report_pdf.sheet import (
    BOTTOM,
    GAP,
    LEFT,
    WIDTH,
    height_of,
    next_page,
    put,
    rule,
    words,
)
from portal.result import Document
from portal.wording import share

_SIDE = 40 * mm  # of a heat-map, where there is room
_ROWS = (3, 6)  # how many may stand beside each other
_BETWEEN = 2 * mm
_LIMITS = (
    "Bright is where the features lie that spoke for the label that a model said or leans to. That "
    "is coarse, as each field is influenced by what lies far around it: no outline of a lesion and "
    "no proof that a model is right. Colours compare places of one image, not images or models."
)


def heat_maps(canvas: Canvas, document: Document, y: float) -> float:
    """The heat-maps below ``y``, where they were asked for; where they end."""
    explained = [model for model in document["models"] if model["heat_map"]]
    if not explained:
        return y
    if len(explained) > 1:
        return rule(canvas, _several(canvas, document, explained, y))
    y = put(canvas, "Where the model looked", y, HEAD) - 1 * mm
    return rule(canvas, _one(canvas, document, explained, y))


def _one(canvas: Canvas, document: Document, explained: list[Document], y: float) -> float:
    (model,) = explained
    heat = model["heat_map"]
    x, width = LEFT + _SIDE + GAP, WIDTH - _SIDE - GAP
    _overlay(canvas, document, model, LEFT, y, _SIDE)
    finding = f"{heat['finding']} For {heat['label']}, of {heat['fields']} fields."
    right = put(canvas, words(finding), y, SMALL, x=x, width=width)
    right = put(canvas, words(heat["worth"]), right - 1.5 * mm, SMALL, x=x, width=width)
    right = put(canvas, _LIMITS, right - 1.5 * mm, MUTED_TEXT, x=x, width=width)
    _scale(canvas, right - 2 * mm, x)
    return float(min(right - 5 * mm, y - _SIDE))


def _several(canvas: Canvas, document: Document, explained: list[Document], y: float) -> float:
    """Maps beside each other, on a page of their own where too little is left of this one."""
    step = WIDTH / next((row for row in _ROWS if row >= len(explained)), len(explained))
    width = step - _BETWEEN
    side = min(_SIDE, width)
    captions = [_caption(model) for model in explained]
    measured = any(model["heat_map"]["measured"] for model in explained)
    limits = f"{_LIMITS} {IN_THE_LESION}" if measured else _LIMITS
    maps = side + max(height_of(caption, TINY, width) for caption in captions)
    if y - HEAD.leading - maps - height_of(limits, MUTED_TEXT) - 5.5 * mm < BOTTOM:
        y = next_page(canvas, document)
    y, ends = put(canvas, "Where the models looked", y, HEAD) - 1 * mm, []
    _scale(canvas, y + 5 * mm, LEFT + 46 * mm)  # beside the heading
    for number, (model, caption) in enumerate(zip(explained, captions, strict=True)):
        x = LEFT + number * step
        _overlay(canvas, document, model, x, y, side)
        below = y - side - 0.5 * mm
        ends.append(put(canvas, caption, below, TINY, x=x, width=width))
    return put(canvas, limits, min(ends) - 1 * mm, MUTED_TEXT)


def _caption(model: Document) -> str:
    heat = model["heat_map"]
    lines = [words(heat["finding"].removeprefix("Heat-map: ").capitalize())]
    lines.append(f"For {words(heat['label'])}, {heat['fields']} fields.")
    for label, one in (heat["measured"] or {}).items():
        chance = round(100 * one["pointing_elsewhere"])
        beside = "" if one["points_better"] else ", not shown to be above chance"
        found = f"{label}: in the lesion {share(one['pointing'])}{beside}"
        told = f"{found}; in lesions of other images {chance} %"
        lines.append(words(told.replace(" %", "\u00a0%")))
    if heat["measured"] is None:
        lines.append("Agreement with outlined lesions was not measured.")
    return "<br/>".join([f"<b>{words(model['title'])}</b>", *lines])


def _overlay(
    canvas: Canvas, document: Document, model: Document, x: float, y: float, side: float
) -> None:
    pixels = overlaid(document["input"]["prepared_png"], model["heat_map"]["strength_png"])
    drawn(canvas, pixels, x, y, side, side)


def _scale(canvas: Canvas, y: float, x: float) -> None:
    """The colours from weak to strong."""
    canvas.setFillColor(INK)
    canvas.setFont("Helvetica", 7)
    canvas.drawString(x, y - 2.5 * mm, "weak")
    drawn(canvas, ramp(64), x + 8 * mm, y - 0.5 * mm, 26 * mm, 2.4 * mm)
    canvas.drawString(x + 35.5 * mm, y - 2.5 * mm, "strong")
