"""Scorer: one file in, one row for each model out, whatever the file is."""

import hashlib
import logging
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2

from models.catalogue import find_model
from models.decoded import NoRoomToRead
from models.errors import Refusal
from models.imaging import decode
from models.precision import Precision
from models.room import require_room
from models.specs import ModalitySpec
from models.wanted import Wanted
from portal.checkpoint_store import CheckpointStore
from portal.engine import opener
from portal.errors import PortalError, UploadTooLarge
from portal.gate_store import GateStore
from portal.gatekeeper import Gatekeeper
from portal.image_loader import ImageLoader, PreparedImage
from portal.model_loader import ModelLoader
from portal.part import Part
from portal.scoring.row import Row, Task
from portal.wishes import Wishes

_log = logging.getLogger(__name__)


class NotPrepared(PortalError):
    title = "This image could not be prepared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What every process needs to know."""

    folder: Path  # of the images
    checkpoints: Path
    gates: Path
    cache: Path  # of compiled models
    precision: Precision
    max_bytes: int  # of one file
    threads: int | None = None  # of one process; None: one for each core
    anyway: bool = False  # an answer, whatever the gate finds
    whole: bool = False  # an answer for images that are larger than what models read, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """Reads and prepares a file once, as the portal does, and asks its models."""

    job: Job
    images: ImageLoader
    gatekeeper: Gatekeeper
    models: ModelLoader

    def rows(self, task: Task) -> tuple[Row, ...]:
        """One row for each model of a task. A file that cannot be read has its reason there.

        There is no row where the machine has no room: that says nothing of the file, which the
        next run takes up.
        """
        try:
            return self._rows(task)
        except (NoRoomToRead, MemoryError):
            _log.warning("the machine is full: a file is left to the next run")
            return ()

    def _rows(self, task: Task) -> tuple[Row, ...]:
        sha256 = None
        try:
            data = self._content(task.file)
            sha256 = hashlib.sha256(data).hexdigest()
            modality = find_model(task.models[0].slug).modality
            image = self._image(data, modality)
        except NoRoomToRead:
            raise
        except Refusal as refusal:
            return task.refused(_reason(refusal), sha256)
        except OSError as error:
            require_room(error)
            return task.refused(f"The file could not be read: {error.strerror}.", sha256)
        return tuple(self._asked(row, image) for row in task.refused("", sha256))

    def _content(self, file: str) -> bytes:
        path = self.job.folder / file
        size, most = path.stat().st_size, self.job.max_bytes
        if size > most:
            raise UploadTooLarge(
                expected=f"a file of at most {most} bytes", received=f"one of {size}"
            )
        return path.read_bytes()

    def _image(self, data: bytes, modality: ModalitySpec) -> PreparedImage:
        try:
            wanted = Wanted(dicom_modality=modality.dicom_modality)
            decoded = decode(data, wanted)
            part = Part.of(decoded, modality, Wishes(extent="whole" if self.job.whole else None))
            check = self.gatekeeper.check(decoded, modality, anyway=self.job.anyway)
            part.require(check.like)
            return self.images.prepare(part)
        except Refusal:
            raise
        except Exception as error:
            require_room(error)
            _log.exception("an image could not be prepared")
            raise NotPrepared(
                expected="an image that can be prepared", received="a failure while preparing it"
            ) from error

    def _asked(self, row: Row, image: PreparedImage) -> Row:
        try:
            verdict = self.models.load(find_model(row.model)).verdict(image.tensor)
        except Refusal as refusal:
            require_room(refusal)  # it may have been made of such an error
            return replace(row, reason=_reason(refusal))
        return replace(
            row,
            fingerprint=verdict.card.fingerprint,
            probability=verdict.probability,
            calibrated_probability=verdict.calibrated,
            threshold=verdict.threshold,
            label=verdict.label,
            verdict=verdict.word,
            reason=None,
        )


@cache
def _scorer(job: Job) -> Scorer:
    if job.threads is not None:
        from models.compilation import limit_threads  # OpenVINO: only who scores loads it

        limit_threads(job.threads)
        cv2.setNumThreads(job.threads)
    store, opens = CheckpointStore(job.checkpoints), opener(job.cache, job.precision)
    models = ModelLoader(store, opener=opens)
    keeper = Gatekeeper(gates=GateStore(job.gates))
    return Scorer(job=job, images=ImageLoader(), gatekeeper=keeper, models=models)


def score(job: Job, task: Task) -> tuple[Row, ...]:
    """The rows of a task; a process opens each model once for all its tasks."""
    return _scorer(job).rows(task)


def _reason(refusal: Refusal) -> str:
    return f"{refusal.title}: expected {refusal.expected}, received {refusal.received}."
