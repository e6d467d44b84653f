"""A result as one picture, for viewers that show nothing but pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from portal.dicom_answer.plain_text import plain
from portal.heat_overlay import image_of, overlaid, ramp
from portal.result import Document, checks_of
from portal.uncertainty import UNCERTAIN
from portal.wording import (
    calibrated_probability,
    cautions,
    estimate,
    model_probability,
    said,
    tone_of,
)

WIDTH, HEIGHT = 1280, 960

_MARGIN = 32
_SIDE = 400  # of what the models saw
_COLUMN = _MARGIN + _SIDE + _MARGIN  # where the text begins
_LARGEST, _SMALLEST = 20, 10  # pixels of the text's letters; the largest that leaves room is taken

_GROUND, _INK, _MUTED, _NOTICE = "#000000", "#f2f4f5", "#b4bdc2", "#ffd479"
_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_TONES = {  # the dark hues of the pages
    "positive": "#f0a35e",
    "negative": "#85b9f0",
    "uncertain": "#c9a5ec",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paragraph:
    """Text of one size, as a share of the usual one, and colour."""

    words: str
    size: float = 1.0
    ink: str = _INK


def drawing(document: Document) -> np.ndarray:
    """A result with its picture, its heat-maps where there are any, and its words.

    Returns:
        (``HEIGHT``, ``WIDTH``, 3) uint8 RGB.
    """
    sheet = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    _pictures(sheet, document)
    paragraphs = list(_paragraphs(document))
    for size in range(_LARGEST, _SMALLEST - 1, -1):
        if _set(None, paragraphs, size) <= HEIGHT - _MARGIN or size == _SMALLEST:
            _set(ImageDraw.Draw(sheet), paragraphs, size)
            break
    return np.asarray(sheet)


def _set(draw: ImageDraw.ImageDraw | None, paragraphs: list[_Paragraph], size: int) -> float:
    """Set paragraphs from the top of the column; where they end, also without a ``draw``."""
    y = float(_MARGIN)
    for paragraph in paragraphs:
        font = ImageFont.load_default(size * paragraph.size)
        for line in _lines(plain(paragraph.words), font, WIDTH - _MARGIN - _COLUMN):
            if draw is not None:
                draw.text((_COLUMN, y), line, fill=paragraph.ink, font=font)
            y += 1.25 * size * paragraph.size
        y += 0.4 * size
    return y


def _lines(words: str, font: _Font, width: float) -> Iterator[str]:
    """A text broken into lines that fit."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line


def _pictures(sheet: Image.Image, document: Document) -> None:
    prepared = document["input"]["prepared_png"]
    _paste(sheet, image_of(prepared), _MARGIN, _MARGIN, _SIDE)
    y = _caption(sheet, "What the model saw", _MARGIN, _MARGIN + _SIDE)
    explained = [model for model in document["models"] if model["heat_map"]]
    if not explained:
        return
    y = _scale(sheet, y)
    columns = 1 if len(explained) == 1 else 3
    side = _SIDE - 40 if columns == 1 else (_SIDE - 16) // 3
    for number, model in enumerate(explained):
        row, column = divmod(number, columns)
        x, top = _MARGIN + column * (side + 8), y + row * (side + 26)
        _paste(sheet, overlaid(prepared, model["heat_map"]["strength_png"]), x, top, side)
        if columns > 1:
            backbone, _, strategy = model["model"].split("_")
            _caption(sheet, f"{backbone} {strategy}", x, top + side)


def _paste(sheet: Image.Image, pixels: np.ndarray, x: int, y: int, side: int) -> None:
    enlarged = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC)
    sheet.paste(Image.fromarray(enlarged), (x, y))


def _caption(sheet: Image.Image, words: str, x: int, y: int) -> int:
    font = ImageFont.load_default(14)
    ImageDraw.Draw(sheet).text((x, y + 4), words, fill=_MUTED, font=font)
    return y + 34


def _scale(sheet: Image.Image, y: int) -> int:
    """A heading, and the colours from weak to strong."""
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    draw.text((_MARGIN, y), "Where it looked", fill=_MUTED, font=font)
    colours = Image.fromarray(ramp(120)).resize((120, 12))
    draw.text((_MARGIN + 170, y), "weak", fill=_MUTED, font=font)
    sheet.paste(colours, (_MARGIN + 214, y + 4))
    draw.text((_MARGIN + 342, y), "strong", fill=_MUTED, font=font)
    return y + 28


def _paragraphs(document: Document) -> Iterator[_Paragraph]:
    yield _Paragraph(words=document["title"], size=1.3)
    yield _Paragraph(words="RESEARCH PROTOTYPE, NOT A MEDICAL DEVICE", ink=_NOTICE)
    yield _Paragraph(words=document["intended_use"], size=0.8, ink=_NOTICE)
    for warning in document["input"]["warnings"]:
        yield _Paragraph(words=f"WARNING: {warning}", ink=_NOTICE)
    models = document["models"]
    several = len(models) + len(document["unanswered"]) > 1
    if document["agreement"]:
        yield _Paragraph(words=document["agreement"]["sentence"], size=1.2)
    if document["spread"]:
        yield _Paragraph(words=document["spread"]["sentence"])
    for model in models:
        yield from _brief(model) if several else _full(model)
    if several and (caution := cautions(models)):
        yield _Paragraph(words=caution, size=0.8, ink=_MUTED)
    for model in document["unanswered"]:
        yield _Paragraph(words=f"{model['title']}: no answer. {model['reason']}.")
    yield from _heat(models)
    sent = document["input"]
    yield _Paragraph(words=f"SHA-256 of the file: {sent['sha256']}", size=0.8, ink=_MUTED)
    yield _Paragraph(words=f"Checks: {checks_of(sent)}", size=0.8, ink=_MUTED)
    made = f"{document['time']} (UTC), breast imaging bench, version {document['portal_version']}"
    yield _Paragraph(words=made, size=0.8, ink=_MUTED)


def _full(model: Document) -> Iterator[_Paragraph]:
    """The answer of a model that was asked alone."""
    yield _Paragraph(words=said(model), size=1.8, ink=_TONES[tone_of(model)])
    if model["verdict"] == UNCERTAIN:
        yield _Paragraph(words=f"The model leans to {model['label']}.")
    threshold, tests = model["threshold"], model["test_images"]
    probability = model_probability(model)
    yield _Paragraph(
        words=f"Model probability {probability}, threshold {threshold['value']:.2f} "
        f"({threshold['rule']})"
    )
    calibrated = calibrated_probability(model)
    expectation = model["expectation"] or ""
    yield _Paragraph(words=f"Calibrated probability {calibrated}. {expectation}")
    yield _Paragraph(
        words=f"Sensitivity {estimate(model['sensitivity'])} of {tests['positive']} test images; "
        f"specificity {estimate(model['specificity'])} of {tests['negative']}. "
        f"{tests['caution'] or ''}"
    )
    band = model["uncertain"]
    words = " ".join(filter(None, (band["rule"], band["experience"])))
    yield _Paragraph(words=words, size=0.8, ink=_MUTED)
    yield _Paragraph(words=_weights(model), size=0.8, ink=_MUTED)


def _brief(model: Document) -> Iterator[_Paragraph]:
    """The answer of one model among several."""
    leaning = f", leans to {model['label']}" if model["verdict"] == UNCERTAIN else ""
    words = f"{model['title']}: {model['verdict']}{leaning}"
    yield _Paragraph(words=words, ink=_TONES[tone_of(model)])
    yield _Paragraph(
        words=f"Model probability {model_probability(model)}, threshold "
        f"{model['threshold']['value']:.2f} ({model['threshold']['rule']}); calibrated "
        f"{calibrated_probability(model)}. Sensitivity "
        f"{estimate(model['sensitivity'])}, specificity {estimate(model['specificity'])}. "
        f"{_weights(model)}",
        size=0.75,
        ink=_MUTED,
    )


def _weights(model: Document) -> str:
    return f"Model {model['model']}, made {model['version']}, fingerprint {model['fingerprint']}."


def _heat(models: list[Document]) -> Iterator[_Paragraph]:
    """What is to be said of heat-maps."""
    found = [model["heat_map"] for model in models if model["heat_map"]]
    if not found:
        return
    limits = "Heat-maps are coarse, no outline of a lesion and no proof that a model is right."
    alone = len(found) == 1
    worth = found[0]["worth"] if alone else "Do not take a bright place for the lesion."
    yield _Paragraph(words=f"{limits} {worth}", size=0.8, ink=_MUTED)
