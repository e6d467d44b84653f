"""A result as a DICOM Structured Report: Enhanced SR, template TID 1500 "Measurement Report".

Each model is a group of measurements (TID 1501) of the image that was sent.
"""

import uuid

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code
from pydicom.uid import EnhancedSRStorage, generate_uid

from portal.dicom_answer.concepts import (
    COUNT,
    DEVICE,
    ENGLISH,
    IMAGING,
    OUTCOMES,
    TITLES,
    own_scheme,
)
from portal.dicom_answer.content import (
    CONTEXT,
    MODIFIER,
    PROPERTY,
    code,
    container,
    image,
    number,
    text,
    uid,
)
from portal.dicom_answer.instance import MAKER, MODEL, begun, evidence, reference, written
from portal.dicom_answer.source import Source
from portal.result import Document
from portal.wording import tone_of


def structured_report(document: Document, source: Source) -> bytes:
    """The file of a result, in the study of its source.

    Unverified: no human has read it. Modules SR Document Series, SR Document General and SR
    Document Content: DICOM PS3.3 C.17.1, C.17.2, C.17.3.
    """
    made = begun(source, document, sop_class=EnhancedSRStorage, modality="SR")
    made.CompletionFlag = "COMPLETE"
    made.VerificationFlag = "UNVERIFIED"
    made.PreliminaryFlag = "PRELIMINARY"
    made.ReferencedPerformedProcedureStepSequence = Sequence()
    made.PerformedProcedureCodeSequence = Sequence()
    made.CurrentRequestedProcedureEvidenceSequence = evidence(source)
    made.CodingSchemeIdentificationSequence = own_scheme()
    root = container(TITLES.report, *_report(document, source))
    root.ContentTemplateSequence = _template("1500")
    del root.RelationshipType  # it hangs from nothing
    made.update(root)
    return written(made)


def _template(number_of_it: str) -> Sequence:
    item = Dataset()
    item.MappingResource = "DCMR"
    item.TemplateIdentifier = number_of_it
    return Sequence([item])


def _report(document: Document, source: Source) -> list[Dataset]:
    """What stands below the title."""
    said = [
        text(TITLES.time, document["time"]),
        text(TITLES.sha256, document["input"]["sha256"]),
        *(text(TITLES.check, check) for check in document["input"]["checks"]),
    ]
    together = [
        text(title, document[part]["sentence"])
        for title, part in ((TITLES.agreement, "agreement"), (TITLES.spread, "spread"))
        if document[part]
    ]
    missing = [
        text(TITLES.unanswered, f"{model['title']}: {model['reason']}")
        for model in document["unanswered"]
    ]
    groups = (_group(model, document, source) for model in document["models"])
    return [
        code(TITLES.language, ENGLISH, MODIFIER),
        *_observer(document),
        code(TITLES.procedure, IMAGING, MODIFIER),
        text(TITLES.intended_use, f"{MODEL}. {document['intended_use']}"),
        container(TITLES.measurements, *groups),
        *said,
        *together,
        *missing,
    ]


def _observer(document: Document) -> list[Dataset]:
    """The device that observed: TID 1002, 1004. One version of the portal is one device."""
    name = f"{MAKER}, version {document['portal_version']}"
    device = f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, name).int}"
    return [
        code(TITLES.observer, DEVICE, CONTEXT),
        uid(TITLES.device_uid, device, CONTEXT),
        text(TITLES.device_name, name, CONTEXT),
        text(TITLES.device_maker, MAKER, CONTEXT),
        text(TITLES.device_model, MODEL, CONTEXT),
    ]


def _group(model: Document, document: Document, source: Source) -> Dataset:
    """What one model said: TID 1501, with the algorithm by TID 4019."""
    threshold, band, tests = model["threshold"], model["uncertain"], model["test_images"]
    rule = text(TITLES.rule, threshold["rule"], PROPERTY)
    made = container(
        TITLES.group,
        text(TITLES.tracking, model["model"], CONTEXT),
        uid(TITLES.tracking_uid, generate_uid(prefix=None), CONTEXT),
        text(TITLES.algorithm, model["title"], MODIFIER),
        text(TITLES.algorithm_version, f"{model['version']} {model['fingerprint']}", MODIFIER),
        text(TITLES.algorithm_parameters, f"portal {document['portal_version']}", MODIFIER),
        image(TITLES.source, reference(source)),
        number(TITLES.probability, model["probability"]),
        number(TITLES.calibrated, model["calibrated_probability"]),
        number(TITLES.threshold, threshold["value"], rule),
        _estimate(TITLES.sensitivity, model["sensitivity"], tests["positive"]),
        _estimate(TITLES.specificity, model["specificity"], tests["negative"]),
        number(TITLES.uncertain_from, band["low"]),
        number(TITLES.uncertain_to, band["high"]),
        code(TITLES.outcome, OUTCOMES[tone_of(model)]),
        text(TITLES.verdict, model["verdict"]),
        text(TITLES.label, model["label"]),
        *(text(TITLES.meaning, said) for said in [model["expectation"]] if said),
        text(TITLES.uncertain, " ".join(filter(None, (band["rule"], band["experience"])))),
        *_heat_map(model["heat_map"]),
    )
    made.ContentTemplateSequence = _template("1501")
    return made


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
