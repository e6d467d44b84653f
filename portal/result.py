"""Result: everything that a report says of one upload, as a document of plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import portal
from models.catalogue import ModelKey
from models.mask_agreement import MaskAgreement
from models.specs import ModalitySpec
from portal.agreement import agreement
from portal.explanation import Explanation
from portal.figures.numbers import places_apart
from portal.intended_use import INTENDED_USE
from portal.region import Region
from portal.spread import spread
from portal.uncertainty import EVEN
from portal.verdict import Verdict

FORMAT = 4
"""Of the document; docs/result.schema.json describes it."""

_PNG = "data:image/png;base64,"
_PLACES = 6  # decimals of a probability, which are more than a network repeats

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one upload. Holds no file name, and of the image only what the models saw."""

    title: str  # of the page: "VGG16, ultrasound, progressive fine-tuning"
    modality: ModalitySpec
    sha256: str  # of the uploaded file
    checks: tuple[str, ...]
    preview: str  # what the models saw, as a data: address of a PNG
    verdicts: tuple[Verdict, ...]  # at least one
    explanations: Mapping[str, Explanation] = field(default_factory=dict)  # by model, where asked
    unanswered: tuple[tuple[ModelKey, str], ...] = ()  # models without an answer, and why
    region: Region | None = None  # the square of the image that was analysed; None: all of it
    warnings: tuple[str, ...] = ()  # what must be known before a verdict

    def __post_init__(self) -> None:
        if not self.verdicts:
            raise ValueError("expected at least one verdict, received none")

    def document(self, time: datetime) -> Document:
        """The result as JSON may hold it.

        Args:
            time: when it came about, with its time zone.
        """
        silent = (None for _ in self.unanswered)
        together, apart = agreement((*self.verdicts, *silent)), spread(self.verdicts)
        several = len(self.verdicts) + len(self.unanswered) > 1
        return {
            "format": FORMAT,
            "time": time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "title": self.title,
            "portal_version": portal.__version__,
            "intended_use": INTENDED_USE,
            "input": {
                "modality": self.modality.key,
                "sha256": self.sha256,
                "region": self.region.document if self.region else None,
                "checks": [*self.checks, *self.warnings],
                "warnings": list(self.warnings),
                "prepared_png": self.preview.removeprefix(_PNG),
            },
            "models": [
                _model(verdict, self.explanations.get(verdict.key.slug), warned=bool(self.warnings))
                for verdict in self.verdicts
            ],
            "unanswered": [
                {"model": key.slug, "title": key.title, "reason": reason}
                for key, reason in self.unanswered
            ],
            "agreement": asdict(together) if together and several else None,
            "spread": apart
            and {
                "mean": _rounded(apart.mean),
                "low": _rounded(apart.low),
                "high": _rounded(apart.high),
                "standard_deviation": _rounded(apart.deviation),
                "sentence": apart.sentence,
            },
        }


def checks_of(sent: Document) -> str:
    """The checks of an input as sentences, without the warnings that are said above them."""
    checks = (check for check in sent["checks"] if check not in sent["warnings"])
    return " ".join(f"{check.rstrip('.')}." for check in checks)


def _model(verdict: Verdict, explanation: Explanation | None, *, warned: bool) -> Document:
    card, band, said = verdict.card, verdict.band, verdict.probability
    return {
        "model": verdict.key.slug,
        "title": verdict.key.title,
        "version": card.created,
        "fingerprint": card.fingerprint,
        "labels": list(card.labels),
        "verdict": verdict.word,
        "label": verdict.label,
        "probability": _rounded(said, verdict.threshold, band.low, band.high),
        "calibrated_probability": _rounded(verdict.calibrated, verdict.calibrated_threshold, EVEN),
        "expectation": None if warned else verdict.expectation,  # of images like the validation's
        "threshold": {
            "value": verdict.threshold,
            "rule": card.threshold.rule,
            "calibrated_value": _rounded(verdict.calibrated_threshold, verdict.calibrated),
        },
        "uncertain": {
            "low": _rounded(band.low, said),
            "high": _rounded(band.high, said),
            "rule": band.rule,
            "experience": verdict.experience,
        },
        "sensitivity": asdict(verdict.recall),
        "specificity": asdict(verdict.specificity),
        "test_images": {
            "negative": card.data.counts["test"][0],
            "positive": card.data.counts["test"][1],
            "caution": verdict.caution,
        },
        "heat_map": _heat_map(explanation) if explanation else None,
    }


def _heat_map(explanation: Explanation) -> Document:
    return {
        "label": explanation.label,
        "fields": explanation.fields,
        "finding": explanation.finding,
        "worth": explanation.worth,
        "measured": explanation.measured
        and {label: _measured(one) for label, one in explanation.measured.by_label.items()},
        "strength_png": explanation.strength,
    }


def _measured(one: MaskAgreement) -> Document:
    return {
        "images": one.images,
        "pointing": asdict(one.pointing),
        "pointing_elsewhere": one.pointing_elsewhere,
        "points_better": one.points_better,
        "heats_better": one.heats_better,
    }


def _rounded(probability: float, *beside: float) -> float:
    """With more decimals where it would else be written as one of the others that it is not."""
    return round(
        probability,
        max((places_apart(probability, other, _PLACES) for other in beside), default=_PLACES),
    )
