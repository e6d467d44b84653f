"""ModelLoader: each checkpoint is opened once per process, when it is first asked for."""

import logging
import threading
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from models.card import ModelCard
from models.catalogue import ModelKey
from models.errors import Refusal
from models.explanation import Explainer
from models.prediction_table import Predictions
from portal.checkpoint_store import CheckpointStore, Stamps, VerifiedCheckpoint
from portal.classifier import Classifier
from portal.engine import open_network
from portal.errors import ModelUnavailable
from portal.network import Network
from portal.prediction_store import PredictionStore

_log = logging.getLogger(__name__)


class ModelLoader:
    """A lazy cache of classifiers, keyed by path and shared by all threads.

    Threads that ask for the same file wait for one opening; other files are not held up by it.
    A failure is not remembered: the next request tries again. A file that changes is opened anew.
    """

    def __init__(
        self,
        store: CheckpointStore,
        *,
        opener: Callable[[Path], Network] = open_network,
        predictions: PredictionStore | None = None,
    ) -> None:
        self._store = store
        self._predictions = predictions
        self._opener = opener
        self._guard = threading.Lock()
        self._locks: dict[Path, threading.Lock] = {}
        self._open: dict[Path, tuple[Stamps, Classifier]] = {}
        self._near: dict[ModelKey, None] = {}  # open, or being opened

    def load(self, key: ModelKey) -> Classifier:
        """The classifier of a model.

        Raises:
            CheckpointRefused: its checkpoint is missing or not what was published.
            InvalidCard: its card cannot be used.
            ModelUnavailable: the checkpoint is fine but cannot be run here.
        """
        self._near[key] = None
        try:
            with self._lock(self._store.path(key)):
                return self._found(key)
        except Refusal:
            self._near.pop(key, None)
            raise

    @property
    def loaded(self) -> int:
        """Models that are open."""
        return len(self._open)

    @property
    def nearest(self) -> ModelKey | None:
        """A model that is open, or will be first; None where none was asked for."""
        return next(iter(tuple(self._near)), None)

    def _lock(self, path: Path) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(path, threading.Lock())

    def _found(self, key: ModelKey) -> Classifier:
        found = self._store.find(key)
        stamps, classifier = self._open.get(found.path, (None, None))
        if classifier is None or stamps != found.stamps:
            classifier = self._opened(found)
            self._open[found.path] = (found.stamps, classifier)
        return classifier

    def _opened(self, found: VerifiedCheckpoint) -> Classifier:
        try:
            network = self._opener(found.path)
        except Refusal:
            raise
        except Exception as error:
            _log.exception("the model %s could not be started", found.card.model)
            raise ModelUnavailable(
                expected="a model that this machine can run", received="a failure while starting it"
            ) from error
        return Classifier(
            card=found.card,
            network=network,
            explainer=cache(partial(Explainer.read, found.path)),
            tested=cache(partial(self._tested, found.card)),
        )

    def _tested(self, card: ModelCard) -> Predictions | None:
        if self._predictions is None:
            return None
        try:
            return self._predictions.find(card)["test"]
        except Refusal:
            return None  # the study's pages say why
