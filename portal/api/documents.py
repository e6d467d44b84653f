"""The documents of the API: what its answers say, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any

from models.card import Estimate, ModelCard
from models.catalogue import Cohort, ModelKey
from models.later_notes import limitations
from portal.api.schema import Says
from portal.api.statuses import status_of
from portal.compare_predictor import ComparePage, Row
from portal.errors import Banner
from portal.explanation import Explanation
from portal.gatekeeper import warnings
from portal.intended_use import INTENDED_USE
from portal.predictor import SinglePage
from portal.problem import Problem
from portal.region import Region
from portal.uncertainty import Band, band_of
from portal.verdict import Verdict

Share = Annotated[float, Says(minimum=0, maximum=1)]
Fingerprint = Annotated[
    str,
    Says(
        "First 16 hexadecimal digits of the SHA-256 of the model's weights: it tells versions "
        "apart for certain.",
        pattern="^[0-9a-f]{16}$",
    ),
]
Version = Annotated[str, Says("The date on which the model was made.", format="date")]
IntendedUse = Annotated[str, Says("What the answers are for, and what not.")]
Checks = Annotated[tuple[str, ...], Says("Sentences on what was received and what was done to it.")]
Warned = Annotated[
    tuple[str, ...],
    Says("Those of the checks that must be known before the answer; empty where there are none."),
]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The two words a model may say."""

    negative: str
    positive: str


@dataclass(frozen=True, kw_only=True)
class DecidingThreshold:
    """The model probability from which on a model says its positive label, and why that one."""

    value: Share
    calibrated_value: Annotated[Share, Says("The same, as a calibrated probability.")]
    rule: str


@dataclass(frozen=True, kw_only=True)
class UncertainBand:
    """The model probabilities from low up to, but without, high: there a human should read."""

    low: Share
    high: Share


@dataclass(frozen=True, kw_only=True)
class ModelDocument:
    """One model of the catalogue, and how good it is; null where it is not available."""

    name: Annotated[str, Says("The model's name in addresses.")]
    title: Annotated[str, Says("The model's name for a reader.")]
    backbone: str
    modality: str
    strategy: str
    labels: Labels
    available: Annotated[bool, Says("Whether the model's file is there, as it was published.")]
    problem: Annotated[Problem | None, Says("Why the model is not available.")]
    version: Version | None
    fingerprint: Fingerprint | None
    threshold: DecidingThreshold | None
    uncertain: Annotated[
        UncertainBand | None, Says("Where the verdict is Uncertain; null where it never is.")
    ]
    sensitivity: Annotated[Estimate | None, Says("On the test images, at the threshold.")]
    specificity: Annotated[Estimate | None, Says("On the test images, at the threshold.")]
    limitations: Annotated[
        tuple[str, ...], Says("Those of its card, then what became known of it since.")
    ]
    intended_use: IntendedUse


@dataclass(frozen=True, kw_only=True)
class ModelList:
    """Every model of the catalogue, available or not."""

    models: tuple[ModelDocument, ...]


@dataclass(frozen=True, kw_only=True)
class Input:
    """What identifies the image that was sent."""

    sha256: Annotated[str, Says("Of the file's bytes as sent.", pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Says(minimum=0)]


Pixels = Annotated[int, Says("Pixels of the whole image.", minimum=0)]


@dataclass(frozen=True, kw_only=True)
class Square:
    """The square of an image that was analysed."""

    left: Pixels
    top: Pixels
    side: Pixels
    width: Annotated[int, Says("Of the whole image, in pixels.", minimum=1)]
    height: Annotated[int, Says("Of the whole image, in pixels.", minimum=1)]


@dataclass(frozen=True, kw_only=True)
class HeatMap:
    """Where the features lie that spoke for a label, strongest 1; coarse, and no outline."""

    label: Annotated[str, Says("The label it is for: the one that the answer gives.")]
    fields: Annotated[str, Says("Rows and columns that the model tells apart, such as 4 x 4.")]
    place: Annotated[
        str | None,
        Says("Of the strongest field in what was analysed; null where none spoke for the label."),
    ]
    png: Annotated[
        str, Says("A data: address, 224 x 224 pixels; the opacity of a pixel is its strength.")
    ]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one model says of one image."""

    model: Annotated[str, Says("The model's name in addresses.")]
    version: Version
    fingerprint: Fingerprint
    verdict: Annotated[
        str, Says("The word for the reader: a label, or Uncertain where a human should read.")
    ]
    label: Annotated[str, Says("The label that the threshold gives, also where it is uncertain.")]
    positive: Annotated[bool, Says("Whether the probability reaches the threshold.")]
    probability: Annotated[
        Share, Says("What the network puts out for the positive label. It decides.")
    ]
    calibrated_probability: Annotated[
        Share, Says("The same as a frequency among images like the validation images.")
    ]
    threshold: DecidingThreshold
    uncertain: Annotated[
        UncertainBand | None, Says("Where the verdict is Uncertain; null where it never is.")
    ]
    sensitivity: Annotated[Estimate, Says("On the test images, at the threshold.")]
    specificity: Annotated[Estimate, Says("On the test images, at the threshold.")]
    caution: Annotated[
        str | None,
        Says("Why not to rely on these two intervals; null where nothing speaks against it."),
    ]
    heat_map: Annotated[HeatMap | None, Says("Null where it was not asked for.")]


@dataclass(frozen=True, kw_only=True)
class Prediction(Answer):
    """What one model says of the image that was sent."""

    checks: Checks
    warnings: Warned
    input: Input
    region: Annotated[Square | None, Says("Null where the whole image was analysed.")]
    elapsed_ms: Annotated[int, Says("From the image's turn to the verdict.", minimum=0)]
    intended_use: IntendedUse


@dataclass(frozen=True, kw_only=True)
class ComparedModel:
    """One model of a comparison: its answer, or why there is none."""

    model: Annotated[str, Says("The model's name in addresses.")]
    answer: Answer | None
    problem: Problem | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What all models of one modality, or of one strategy too, say of the image."""

    modality: str
    strategy: Annotated[str | None, Says("Null where models of every strategy answer.")]
    models: tuple[ComparedModel, ...]
    signal: Annotated[str, Says("Whether they agree.", pattern="^(agree|undecided|disagree)$")]
    agreement: Annotated[str, Says("The same as one or two sentences.")]
    checks: Checks
    warnings: Warned
    input: Input
    region: Annotated[Square | None, Says("Null where the whole image was analysed.")]
    elapsed_ms: Annotated[int, Says("From the image's turn to the last verdict.", minimum=0)]
    intended_use: IntendedUse


Document = ModelDocument | ModelList | Prediction | Comparison | ModelCard


def plain(value: Any) -> Any:
    """A document, or a part of one, as JSON has it."""
    if isinstance(value, Problem):
        return value.to_dict()
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value


def model_document(page: SinglePage, checkpoints: Path) -> ModelDocument:
    """A model as its empty page knows it, with the notes beside the folder of checkpoints."""
    key, card = page.key, page.card
    return ModelDocument(
        name=key.slug,
        title=key.title,
        backbone=key.backbone.key,
        modality=key.modality.key,
        strategy=key.strategy.key,
        labels=_labels(key),
        available=card is not None,
        problem=_problem(page.banner),
        version=card.created if card else None,
        fingerprint=card.fingerprint if card else None,
        threshold=threshold_of(card) if card else None,
        uncertain=_uncertain(band_of(card)) if card else None,
        sensitivity=card.metrics["test"]["recall"] if card else None,
        specificity=card.metrics["test"]["specificity"] if card else None,
        limitations=limitations(card, checkpoints) if card else (),
        intended_use=INTENDED_USE,
    )


def card_document(page: SinglePage) -> ModelCard | Problem:
    """The card of a model as its empty page knows it."""
    return page.card or refused(page.banner)


def prediction(page: SinglePage, sent: Input) -> Prediction | Problem:
    """The answer of a page for an upload."""
    if page.verdict is None or page.elapsed_ms is None:
        return refused(page.banner)
    return Prediction(
        **vars(_answer(page.verdict, page.explanation)),
        checks=(*page.checks, *warnings(page.gate)),
        warnings=warnings(page.gate),
        input=sent,
        region=_square(page.region),
        elapsed_ms=page.elapsed_ms,
        intended_use=INTENDED_USE,
    )


def comparison(page: ComparePage, sent: Input) -> Comparison | Problem:
    """The answers of a page for an upload; a problem where no model has one."""
    if page.agreement is None or page.elapsed_ms is None:
        return refused(page.banner or next(row.banner for row in page.rows if row.banner))
    return Comparison(
        modality=page.cohort.modality.key,
        strategy=page.cohort.strategy.key if isinstance(page.cohort, Cohort) else None,
        models=tuple(_compared(row) for row in page.rows),
        signal=page.agreement.signal,
        agreement=page.agreement.sentence,
        checks=(*page.checks, *warnings(page.gate)),
        warnings=warnings(page.gate),
        input=sent,
        region=_square(page.region),
        elapsed_ms=page.elapsed_ms,
        intended_use=INTENDED_USE,
    )


def _compared(row: Row) -> ComparedModel:
    return ComparedModel(
        model=row.key.slug,
        answer=_answer(row.verdict, row.explanation) if row.verdict else None,
        problem=_problem(row.banner),
    )


def _answer(verdict: Verdict, explanation: Explanation | None) -> Answer:
    card = verdict.card
    return Answer(
        model=card.model,
        version=card.created,
        fingerprint=card.fingerprint,
        verdict=verdict.word,
        label=verdict.label,
        positive=verdict.positive,
        probability=verdict.probability,
        calibrated_probability=verdict.calibrated,
        threshold=threshold_of(card),
        uncertain=_uncertain(verdict.band),
        sensitivity=verdict.recall,
        specificity=verdict.specificity,
        caution=verdict.caution,
        heat_map=_heat_map(explanation) if explanation else None,
    )


def _heat_map(explanation: Explanation) -> HeatMap:
    return HeatMap(
        label=explanation.label,
        fields=explanation.fields,
        place=explanation.place,
        png=explanation.layer,
    )


def _square(region: Region | None) -> Square | None:
    return Square(**region.document) if region else None


def _labels(key: ModelKey) -> Labels:
    negative, positive = key.modality.labels
    return Labels(negative=negative, positive=positive)


def threshold_of(card: ModelCard) -> DecidingThreshold:
    """What decides, as a document has it."""
    threshold = card.threshold
    return DecidingThreshold(
        value=threshold.value,
        calibrated_value=card.calibration.calibrated(threshold.value),
        rule=threshold.rule,
    )


def _uncertain(band: Band) -> UncertainBand | None:
    return UncertainBand(low=band.low, high=band.high) if band else None


def _problem(banner: Banner | None) -> Problem | None:
    return Problem.of(banner, status_of(banner.kind)) if banner else None


def refused(banner: Banner | None) -> Problem:
    """The problem of a page without an answer."""
    if banner is None:
        raise ValueError("expected a page with an answer or a banner, received neither")
    return Problem.of(banner, status_of(banner.kind))
