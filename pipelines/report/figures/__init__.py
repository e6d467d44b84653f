"""The report's figures: one for all models, and one of each kind for every modality."""

from collections.abc import Callable, Mapping

from models.catalogue import MODALITIES
from models.specs import ModalitySpec
from pipelines.report.figures.calibration import calibration
from pipelines.report.figures.confusion import confusion
from pipelines.report.figures.decision import decision
from pipelines.report.figures.forest import forest
from pipelines.report.figures.learning import learning
from pipelines.report.figures.precision_recall import precision_recall
from pipelines.report.figures.roc import roc
from pipelines.report.figures.style import Drawing
from pipelines.report.published import Models

KINDS: Mapping[str, Callable[[ModalitySpec, Models], Drawing]] = {
    "roc": roc,
    "precision_recall": precision_recall,
    "confusion": confusion,
    "calibration": calibration,
    "decision": decision,
    "learning": learning,
}
"""What is drawn of a modality, in the order of the report."""

NAMES = ("all_models", *(f"{modality}_{kind}" for modality in MODALITIES for kind in KINDS))
"""Every figure that a report may have."""

__all__ = ["KINDS", "NAMES", "Drawing", "forest"]
