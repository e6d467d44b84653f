"""The coded concepts of an answer: DICOM's and SNOMED's where there are any, else the portal's."""

from typing import NamedTuple

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

OWN = "99BREASTBENCH"
"""Coding Scheme Designator (0008,0102) of the portal's own concepts; 99 marks a private scheme."""

OWN_NAME = "Concepts of the breast imaging bench"


def _own(value: str, meaning: str) -> Code:
    return Code(value, OWN, meaning)


class Titles(NamedTuple):
    """Names of the items of a report."""

    report: Code = codes.DCM.ImagingMeasurementReport
    language: Code = codes.DCM.LanguageOfContentItemAndDescendants
    procedure: Code = codes.DCM.ProcedureReported
    observer: Code = codes.DCM.ObserverType
    device_uid: Code = codes.DCM.DeviceObserverUID
    device_name: Code = codes.DCM.DeviceObserverName
    device_maker: Code = codes.DCM.DeviceObserverManufacturer
    device_model: Code = codes.DCM.DeviceObserverModelName
    measurements: Code = codes.DCM.ImagingMeasurements
    group: Code = codes.DCM.MeasurementGroup
    tracking: Code = codes.DCM.TrackingIdentifier
    tracking_uid: Code = codes.DCM.TrackingUniqueIdentifier
    source: Code = codes.DCM.SourceOfMeasurement
    region: Code = codes.DCM.ImageRegion
    site: Code = codes.SCT.FindingSite
    laterality: Code = codes.SCT.Laterality
    algorithm: Code = codes.DCM.AlgorithmName
    algorithm_version: Code = codes.DCM.AlgorithmVersion
    algorithm_parameters: Code = codes.DCM.AlgorithmParameters
    intended_use: Code = _own("INTENDED-USE", "Intended use")
    time: Code = _own("TIME", "Time of the answer")
    sha256: Code = _own("SHA256", "SHA-256 of the file that was sent")
    warning: Code = _own("WARNING", "Warning to be known before the numbers")
    check: Code = _own("CHECK", "Check of the input")
    agreement: Code = _own("AGREEMENT", "Agreement of the models")
    spread: Code = _own("SPREAD", "Spread of the calibrated probabilities")
    unanswered: Code = _own("UNANSWERED", "Model without an answer")
    outcome: Code = _own("OUTCOME", "Outcome at the threshold")
    verdict: Code = _own("VERDICT", "Verdict")
    label: Code = _own("LABEL", "Label at the threshold")
    probability: Code = _own("PROBABILITY", "Model probability")
    calibrated: Code = _own("CALIBRATED", "Calibrated probability")
    meaning: Code = _own("MEANING", "Meaning of the calibrated probability")
    threshold: Code = _own("THRESHOLD", "Threshold of the model probability")
    rule: Code = _own("RULE", "Rule of the threshold")
    sensitivity: Code = _own("SENSITIVITY", "Sensitivity on test images")
    specificity: Code = _own("SPECIFICITY", "Specificity on test images")
    caution: Code = _own("CAUTION", "Why not to rely on the two intervals")
    lowest: Code = _own("CI95-LOW", "Lower end of the 95 % interval")
    highest: Code = _own("CI95-HIGH", "Upper end of the 95 % interval")
    images: Code = _own("TEST-IMAGES", "Number of test images")
    uncertain_from: Code = _own("UNCERTAIN-LOW", "Uncertain from this model probability on")
    uncertain_to: Code = _own("UNCERTAIN-HIGH", "Uncertain below this model probability")
    uncertain: Code = _own("UNCERTAIN-RULE", "Rule of the band of uncertainty")
    heat_map: Code = _own("HEAT-MAP", "Where the model looked")
    heat_worth: Code = _own("HEAT-MAP-WORTH", "What such heat-maps are worth")


TITLES = Titles()

ENGLISH = Code("en", "RFC5646", "English")
IMAGING = codes.SCT.ImagingProcedure
DEVICE = codes.DCM.Device
BREAST = codes.SCT.Breast
SIDES = {"L": codes.SCT.Left, "R": codes.SCT.Right}
SHARE = codes.UCUM.NoUnits
COUNT = Code("{images}", "UCUM", "images")
OUTCOMES = {
    "positive": _own("POSITIVE", "Positive"),
    "negative": _own("NEGATIVE", "Negative"),
    "uncertain": _own("UNCERTAIN", "Uncertain, human reading needed"),
}
SOURCE_IMAGE = codes.DCM.SourceImageForImageProcessingOperation


def coded(code: Code) -> Sequence:
    """A code sequence of one item. DICOM PS3.3 8.8."""
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return Sequence([item])


def own_scheme() -> Sequence:
    """Coding Scheme Identification Sequence (0008,0110): what stands behind ``OWN``."""
    item = Dataset()
    item.CodingSchemeDesignator = OWN
    item.CodingSchemeName = OWN_NAME
    item.CodingSchemeVersion = "1"
    return Sequence([item])
