"""A result as a DICOM Structured Report: Enhanced SR, template TID 1500 "Measurement Report".

Each model is a group of measurements of the image that was sent.
"""

import uuid

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedSRStorage

from portal.dicom_answer.concepts import DEVICE, ENGLISH, IMAGING, TITLES, own_scheme
from portal.dicom_answer.content import CONTEXT, MODIFIER, code, container, text, uid
from portal.dicom_answer.instance import MAKER, MODEL, begun, evidence, written
from portal.dicom_answer.measurement_group import measurement_group
from portal.dicom_answer.source import Source
from portal.result import Document


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
    root = container(TITLES.report, *_report(document, source), template="1500")
    del root.RelationshipType  # it hangs from nothing
    made.update(root)
    return written(made)


def _report(document: Document, source: Source) -> list[Dataset]:
    """What stands below the title."""
    said = [
        text(TITLES.time, document["time"]),
        text(TITLES.sha256, document["input"]["sha256"]),
        *(text(TITLES.check, check) for check in _checks(document["input"])),
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
    groups = (measurement_group(model, document, source) for model in document["models"])
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


def _checks(sent: Document) -> list[str]:
    """The checks of an input without its warnings, which stand beside the numbers."""
    return [check for check in sent["checks"] if check not in sent["warnings"]]


def _observer(document: Document) -> list[Dataset]:
    """The device that observed: TID 1002, 1004. One version of the portal is one device."""
    name = f"{MAKER}, version {document['portal_version']}"
    device = f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, name).int}"
    return [
        code(TITLES.observer, DEVICE, CONTEXT),
        uid(TITLES.device_uid, device),
        text(TITLES.device_name, name, CONTEXT),
        text(TITLES.device_maker, MAKER, CONTEXT),
        text(TITLES.device_model, MODEL, CONTEXT),
    ]
