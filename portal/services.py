"""The portal's services, made once and handed to whoever needs them."""

import secrets
from dataclasses import dataclass
from typing import Self

from models.catalogue import Comparison, ModelKey
from models.precision import Precision
from portal import leftovers
from portal.checkpoint_store import CheckpointStore
from portal.compare_predictor import ComparePage, ComparePredictor
from portal.document_reader import DocumentReader
from portal.engine import opener
from portal.file_manager import FileManager
from portal.gate_store import GateStore
from portal.gatekeeper import Gatekeeper
from portal.health import Health
from portal.image_loader import ImageLoader
from portal.intake import Intake
from portal.mapper import Mapper
from portal.metrics import Metrics
from portal.model_loader import ModelLoader
from portal.notebook_reader import NotebookReader
from portal.postponed import Postponed
from portal.prediction_queue import PredictionQueue
from portal.prediction_store import PredictionStore
from portal.predictor import Predictor, SinglePage
from portal.queued import Queued
from portal.report_reader import ReportReader
from portal.reports import Reports
from portal.seal import Seal
from portal.settings import PROJECT, Settings
from portal.several import Several
from portal.single_model import SingleModel
from portal.study import Study
from portal.study_files import StudyFiles
from portal.study_pair import StudyPairs
from portal.subgroups import Subgroups

_FIRST_ANSWER = 1.0  # seconds in which a new model answers whoever waits for it, before it is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the pages ask."""

    intake: Intake
    checkpoints: CheckpointStore
    predictions: PredictionStore
    gates: GateStore
    models: ModelLoader
    queue: PredictionQueue
    metrics: Metrics
    notebooks: NotebookReader
    report: ReportReader
    precision: Precision
    reports: Reports

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The services of a running portal, which begins by removing what a killed one left."""
        leftovers.sweep(settings.upload_folders)  # before room is measured
        checkpoints = CheckpointStore(settings.checkpoints)
        gates = GateStore(settings.gates)
        opens = opener(settings.cache_folder, settings.precision, later=Postponed(_FIRST_ANSWER))
        predictions = PredictionStore(settings.checkpoints.parent / "predictions")
        models = ModelLoader(checkpoints, opener=opens, predictions=predictions)
        queue = PredictionQueue(running=settings.predictions, waiting=settings.queue)
        return cls(
            intake=Intake(
                files=FileManager(settings.upload_folder, largest=settings.max_upload_bytes),
                images=ImageLoader(),
                gatekeeper=Gatekeeper(gates=gates),
            ),
            checkpoints=checkpoints,
            predictions=predictions,
            gates=gates,
            models=models,
            queue=queue,
            metrics=Metrics(queue, models),
            notebooks=NotebookReader(PROJECT / "notebooks"),
            report=ReportReader(PROJECT / "docs"),
            precision=settings.precision,
            reports=Reports(seal=Seal(settings.secret_key or secrets.token_hex(32))),
        )

    @property
    def study(self) -> Study:
        """What answers on the study's pages."""
        return Study(
            checkpoints=self.checkpoints,
            gates=self.gates,
            predictions=self.predictions,
            subgroups=self.subgroups,
        )

    @property
    def subgroups(self) -> Subgroups:
        """What joins predictions with what is known of images."""
        return Subgroups(
            predictions=self.predictions, folder=self.checkpoints.folder.parent / "subgroups"
        )

    @property
    def study_files(self) -> StudyFiles:
        """What answers with the study's figures, numbers and cards as files."""
        return StudyFiles(
            checkpoints=self.checkpoints,
            predictions=self.predictions,
            gates=self.gates,
            subgroups=self.subgroups,
        )

    @property
    def study_pairs(self) -> StudyPairs:
        """What compares two models."""
        return StudyPairs(checkpoints=self.checkpoints, predictions=self.predictions)

    @property
    def several(self) -> Several:
        """What knows whom to ask about many images."""
        return Several(checkpoints=self.checkpoints, gates=self.gates, precision=self.precision)

    @property
    def documents(self) -> DocumentReader:
        """What answers with documents for users."""
        return DocumentReader(PROJECT / "docs")

    @property
    def health(self) -> Health:
        """What answers machines."""
        return Health(
            checkpoints=self.checkpoints,
            gates=self.gates,
            models=self.models,
            precision=self.precision,
            files=self.intake.files,
        )

    def single_model(self, key: ModelKey) -> SingleModel:
        """What answers on a model's page."""
        return SingleModel(predictor=self.predictor(key), mapper=self.mapper(key))

    def mapper(self, key: ModelKey) -> Mapper:
        """What maps images with a model."""
        return Mapper(predictor=self._predictor(key), queue=self.queue)

    def predictor(self, key: ModelKey) -> Queued[SinglePage]:
        """What gives a model's verdicts."""
        return Queued(service=self._predictor(key), queue=self.queue, reports=self.reports)

    def compare_predictor(self, cohort: Comparison) -> Queued[ComparePage]:
        """What answers on a comparison's page."""
        predictor = ComparePredictor(
            cohort=cohort,
            intake=self.intake,
            checkpoints=self.checkpoints,
            models=self.models,
        )
        return Queued(service=predictor, queue=self.queue, reports=self.reports)

    def _predictor(self, key: ModelKey) -> Predictor:
        return Predictor(
            key=key,
            intake=self.intake,
            checkpoints=self.checkpoints,
            models=self.models,
        )
