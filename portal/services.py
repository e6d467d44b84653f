"""The portal's services, made once and handed to whoever needs them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from models.catalogue import Cohort, ModelKey
from portal.checkpoint_store import CheckpointStore
from portal.compare_predictor import ComparePredictor
from portal.engine import open_network
from portal.file_manager import FileManager
from portal.health import Health
from portal.image_loader import ImageLoader
from portal.model_loader import ModelLoader
from portal.network import Network
from portal.network_cache import NetworkCache
from portal.notebook_reader import NotebookReader
from portal.predictor import Predictor
from portal.report_reader import ReportReader
from portal.settings import PROJECT, Precision, Settings
from portal.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the pages ask."""

    files: FileManager
    images: ImageLoader
    checkpoints: CheckpointStore
    models: ModelLoader
    notebooks: NotebookReader
    report: ReportReader
    precision: Precision

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The services of a running portal."""
        checkpoints = CheckpointStore(settings.checkpoints)
        return cls(
            files=FileManager(settings.upload_folder),
            images=ImageLoader(),
            checkpoints=checkpoints,
            models=ModelLoader(checkpoints, opener=_opener(settings)),
            notebooks=NotebookReader(PROJECT / "notebooks"),
            report=ReportReader(PROJECT / "docs"),
            precision=settings.precision,
        )

    @property
    def study(self) -> Study:
        """What answers on the study's pages."""
        return Study(checkpoints=self.checkpoints)

    @property
    def health(self) -> Health:
        """What answers machines."""
        return Health(checkpoints=self.checkpoints, models=self.models, precision=self.precision)

    def predictor(self, key: ModelKey) -> Predictor:
        """What answers on a model's page."""
        return Predictor(
            key=key,
            files=self.files,
            images=self.images,
            checkpoints=self.checkpoints,
            models=self.models,
        )

    def compare_predictor(self, cohort: Cohort) -> ComparePredictor:
        """What answers on a cohort's page."""
        return ComparePredictor(
            cohort=cohort,
            files=self.files,
            images=self.images,
            checkpoints=self.checkpoints,
            models=self.models,
        )


def _opener(settings: Settings) -> Callable[[Path], Network]:
    cache = NetworkCache(settings.cache_folder)
    return partial(open_network, cache=cache, precision=settings.precision)
