"""Health: whether the process is up, whether it can answer, and what it is made of."""

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

import portal
from models.catalogue import ModelKey, cohorts, model_keys
from models.errors import Refusal
from models.precision import Precision
from models.specs import ModalitySpec
from portal.checkpoint_store import CheckpointStore
from portal.classifier import Classifier
from portal.errors import PrecisionRefused
from portal.file_manager import FileManager
from portal.gate_store import GateStore
from portal.model_loader import ModelLoader

_PACKAGES = (
    "flask",
    "gunicorn",
    "h5py",
    "numpy",
    "opencv-python-headless",
    "openvino",
    "pillow",
)
_GRAY = 128.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition of being ready."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the portal can answer, and the reasons."""

    checks: tuple[Check, ...]

    @property
    def ready(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def status(self) -> int:
        """The HTTP status that says so."""
        return 200 if self.ready else 503

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"ready": self.ready, "checks": [asdict(check) for check in self.checks]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Answers for machines."""

    checkpoints: CheckpointStore
    gates: GateStore
    models: ModelLoader
    precision: Precision
    files: FileManager
    _proven: dict[ModelKey, Classifier] = field(default_factory=dict, init=False)

    def readiness(self) -> Readiness:
        """Catalogue, checksums, input gates, room for an upload, and one model that answers.

        Checksums are remembered by file, and that a model answers as long as it stays open: asking
        again and again would wait behind the uploads of a busy portal.
        """
        return Readiness(
            checks=(
                _catalogue(),
                self._checksums(),
                self._input_gates(),
                self._uploads(),
                self._answer(),
            )
        )

    def info(self) -> dict[str, Any]:
        """Versions, and every model of the catalogue with its fingerprint and threshold."""
        return {
            "name": "breast-imaging-portal",
            "version": portal.__version__,
            "python": platform.python_version(),
            "precision": self.precision,
            "packages": _packages(),
            "models": [self._model(key) for key in model_keys()],
        }

    def _model(self, key: ModelKey) -> dict[str, Any]:
        card = self.checkpoints.card(key)
        if card is None:
            return {"model": key.slug, "installed": False}
        return {
            "model": key.slug,
            "installed": True,
            "fingerprint": card.fingerprint,
            "threshold": card.threshold.value,
            "labels": card.labels,
            "created": card.created,
        }

    def _checksums(self) -> Check:
        """Every checkpoint that is installed, or listed and so should be, is as published."""
        listed = self.checkpoints.listed()
        expected = [
            key
            for key in model_keys()
            if str(key.checkpoint) in listed or self.checkpoints.is_there(key)
        ]
        refused = [reason for key in expected if (reason := self._refusal(key))]
        good = f"{len(expected) - len(refused)} of {len(model_keys())} models installed"
        passed = bool(expected) and not refused
        return Check(name="checksums", passed=passed, detail="; ".join((good, *refused)))

    def _refusal(self, key: ModelKey) -> str | None:
        try:
            self.checkpoints.find(key)
        except Refusal as refusal:
            return f"{key}: {refusal.title}"
        return None

    def _input_gates(self) -> Check:
        """Every modality with a model has a gate that can be used."""
        there = filter(self.checkpoints.is_there, model_keys())
        served = {key.modality.key: key.modality for key in there}
        reasons = {key: self._gate_refusal(modality) for key, modality in served.items()}
        refused = [f"{key}: {reason}" for key, reason in reasons.items() if reason]
        good = f"{len(served) - len(refused)} of {len(served)} gates in use"
        return Check(name="gates", passed=not refused, detail="; ".join((good, *refused)))

    def _gate_refusal(self, modality: ModalitySpec) -> str | None:
        try:
            self.gates.find(modality)
        except Refusal as refusal:
            return refusal.title
        return None

    def _uploads(self) -> Check:
        """There is a folder into which an upload can be written, and room for one."""
        try:
            self.files.require()
        except Refusal as refusal:
            detail = f"no private folder for them: {refusal.received}"
            return Check(name="uploads", passed=False, detail=detail)
        if not self.files.has_room():
            detail = "no room in their private folder for one of the greatest size"
            return Check(name="uploads", passed=False, detail=detail)
        return Check(name="uploads", passed=True, detail="a private folder is there")

    def _answer(self) -> Check:
        """A model answers; one that cannot be served at the precision leaves it to the next."""
        refused = "no model is installed"
        for key in self._keys():
            try:
                self._prove(key)
            except PrecisionRefused as refusal:
                refused = f"{key}: {refusal.title}"
            except Refusal as refusal:
                return Check(name="answer", passed=False, detail=f"{key}: {refusal.title}")
            else:
                return Check(name="answer", passed=True, detail=f"{key} answers")
        return Check(name="answer", passed=False, detail=refused)

    def _prove(self, key: ModelKey) -> None:
        classifier = self.models.load(key)
        if self._proven.get(key) is not classifier:
            classifier.verdict(np.full((1, 224, 224, 3), _GRAY, dtype=np.float32))
            self._proven[key] = classifier

    def _keys(self) -> Iterator[ModelKey]:
        """The installed models, one that is open first."""
        nearest = self.models.nearest
        keys = model_keys() if nearest is None else (nearest, *model_keys())
        return (key for key in keys if self.checkpoints.card(key))


@cache
def _packages() -> dict[str, str]:
    return {name: version(name) for name in _PACKAGES}


def _catalogue() -> Check:
    detail = f"{len(model_keys())} models in {len(cohorts())} cohorts"
    return Check(name="catalogue", passed=bool(model_keys()), detail=detail)
