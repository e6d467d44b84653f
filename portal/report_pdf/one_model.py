"""The answer of one model, with all its numbers."""

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal.report_pdf.bar import bar
from portal.report_pdf.ink import LEAD, TITLE
from portal.report_pdf.mark import Marked
from portal.report_pdf.picture import picture
from portal.report_pdf.sheet import GAP, LEFT, WIDTH, facts_table, put, rule, set_below, words
from portal.result import Document
from portal.uncertainty import UNCERTAIN
from portal.wording import calibrated_probability, estimate, model_probability, said, tone_of

_PICTURE = 52 * mm  # side of what the model saw


def one_model(canvas: Canvas, document: Document, y: float) -> float:
    """Picture, verdict and numbers below ``y``; where they end."""
    (model,) = document["models"]
    x, width = LEFT + _PICTURE + GAP, WIDTH - _PICTURE - GAP
    below_picture = picture(canvas, document, y, _PICTURE)
    word = Marked(words(said(model)), TITLE, tone_of(model))
    right = set_below(canvas, word, y, x, width)
    if model["verdict"] == UNCERTAIN:
        leaning = words(f"The model leans to {model['label']}.")
        right = put(canvas, leaning, right - 1 * mm, LEAD, x=x, width=width)
    right = bar(canvas, model, right - 9 * mm, x, width)
    facts = [
        ("Model probability", model_probability(model)),
        ("Threshold", f"{model['threshold']['value']:.2f}, {model['threshold']['rule']}"),
        ("Calibrated probability", calibrated_probability(model)),
        (
            "Sensitivity",
            f"{estimate(model['sensitivity'])} of {model['test_images']['positive']} test images",
        ),
        (
            "Specificity",
            f"{estimate(model['specificity'])} of {model['test_images']['negative']} test images",
        ),
        *([("Caution", caution)] if (caution := model["test_images"]["caution"]) else []),
    ]
    right = facts_table(canvas, facts, right - 3 * mm, x, width)
    y = rule(canvas, min(below_picture, right))
    y = facts_table(
        canvas,
        [
            *([("Meaning", model["expectation"])] if model["expectation"] else []),
            ("Uncertainty", " ".join(filter(None, _band_words(model)))),
            ("Model", f"{model['model']}, made {model['version']}"),
            ("Fingerprint", model["fingerprint"]),
        ],
        y,
        LEFT,
        WIDTH,
    )
    return rule(canvas, y)


def _band_words(model: Document) -> tuple[str, str | None]:
    return model["uncertain"]["rule"], model["uncertain"]["experience"]
