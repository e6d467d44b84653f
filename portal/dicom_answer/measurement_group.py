"""A group of measurements in a report: what one model said of the image."""

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid

from portal.dicom_answer.concepts import BREAST, COUNT, OUTCOMES, SIDES, TITLES
from portal.dicom_answer.content import (
    CONTEXT,
    MODIFIER,
    PROPERTY,
    code,
    container,
    image,
    number,
    outline,
    text,
    uid,
)
from portal.dicom_answer.instance import reference
from portal.dicom_answer.source import Source
from portal.result import Document
from portal.wording import tone_of

_OF_IMAGE = "1501"  # Measurement and Qualitative Evaluation Group
_OF_REGION = "1410"  # Planar ROI Measurements and Qualitative Evaluations


def measurement_group(model: Document, document: Document, source: Source) -> Dataset:
    """What one model said: TID 1501 or, of a square, TID 1410; the algorithm by TID 4019."""
    region = document["input"]["region"]
    threshold, band, tests = model["threshold"], model["uncertain"], model["test_images"]
    rule = text(TITLES.rule, threshold["rule"], PROPERTY)
    return container(
        TITLES.group,
        text(TITLES.tracking, model["model"], CONTEXT),
        uid(TITLES.tracking_uid, generate_uid(prefix=None)),
        *_site(source),
        text(TITLES.algorithm, model["title"], MODIFIER),
        text(TITLES.algorithm_version, f"{model['version']} {model['fingerprint']}", MODIFIER),
        text(TITLES.algorithm_parameters, f"portal {document['portal_version']}", MODIFIER),
        _seen(region, source),
        *(text(TITLES.warning, warning) for warning in document["input"]["warnings"]),
        number(TITLES.probability, model["probability"]),
        number(TITLES.calibrated, model["calibrated_probability"]),
        number(TITLES.threshold, threshold["value"], rule),
        _estimate(TITLES.sensitivity, model["sensitivity"], tests["positive"]),
        _estimate(TITLES.specificity, model["specificity"], tests["negative"]),
        *(text(TITLES.caution, said) for said in [tests["caution"]] if said),
        number(TITLES.uncertain_from, band["low"]),
        number(TITLES.uncertain_to, band["high"]),
        code(TITLES.outcome, OUTCOMES[tone_of(model)]),
        text(TITLES.verdict, model["verdict"]),
        text(TITLES.label, model["label"]),
        *(text(TITLES.meaning, said) for said in [model["expectation"]] if said),
        text(TITLES.uncertain, " ".join(filter(None, (band["rule"], band["experience"])))),
        *_heat_map(model["heat_map"]),
        template=_OF_REGION if region else _OF_IMAGE,
    )


def _site(source: Source) -> list[Dataset]:
    """Which breast the image shows, where its file says so."""
    if not source.laterality:
        return []
    side = code(TITLES.laterality, SIDES[source.laterality], MODIFIER)
    return [code(TITLES.site, BREAST, MODIFIER, side)]


def _seen(region: Document | None, source: Source) -> Dataset:
    """What was analysed: the image, or a square of it."""
    if region is None:
        return image(TITLES.source, reference(source))
    left, top = region["left"], region["top"]
    right, bottom = left + region["side"], top + region["side"]
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    return outline(TITLES.region, corners, reference(source))


def _estimate(title: Code, found: Document, images: int) -> Dataset:
    return number(
        title,
        found["value"],
        number(TITLES.lowest, found["low"], relation=PROPERTY),
        number(TITLES.highest, found["high"], relation=PROPERTY),
        number(TITLES.images, images, unit=COUNT, relation=PROPERTY),
    )


def _heat_map(found: Document | None) -> list[Dataset]:
    if found is None:
        return []
    return [
        text(TITLES.heat_map, f"{found['finding']} Of {found['fields']} fields."),
        text(TITLES.heat_worth, found["worth"]),
    ]
