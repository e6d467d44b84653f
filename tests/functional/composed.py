"""The portal's services, with an opener and a queue of a test's own."""

from collections.abc import Callable
from pathlib import Path

from portal.checkpoint_store import CheckpointStore
from portal.file_manager import FileManager
from portal.gate_store import GateStore
from portal.gatekeeper import Gatekeeper
from portal.image_loader import ImageLoader
from portal.intake import Intake
from portal.metrics import Metrics
from portal.model_loader import ModelLoader
from portal.network import Network
from portal.notebook_reader import NotebookReader
from portal.prediction_queue import PredictionQueue
from portal.prediction_store import PredictionStore
from portal.report_reader import ReportReader
from portal.reports import Reports
from portal.seal import Seal
from portal.services import Services


def composed(
    installed: Path,
    gates: Path,
    folder: Path,
    *,
    opener: Callable[[Path], Network],
    queue: PredictionQueue,
) -> Services:
    """Services that keep uploads below ``folder``, and find no notebook and no report there."""
    store = CheckpointStore(installed)
    models = ModelLoader(store, opener=opener)
    return Services(
        intake=Intake(
            files=FileManager(folder / "uploads"),
            images=ImageLoader(),
            gatekeeper=Gatekeeper(gates=GateStore(gates)),
        ),
        checkpoints=store,
        gates=GateStore(gates),
        predictions=PredictionStore(folder),
        models=models,
        queue=queue,
        metrics=Metrics(queue, models),
        notebooks=NotebookReader(folder),
        report=ReportReader(folder),
        precision="f32",
        reports=Reports(seal=Seal("a key of tests")),
    )
