"""Intake: from a sent form to an image that networks can read."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from models.specs import ModalitySpec
from models.wanted import Wanted
from portal.file_manager import FileManager
from portal.gatekeeper import ForeignImage, Gatekeeper
from portal.image_loader import ImageLoader, PreparedImage
from portal.stages import Stages
from portal.upload import Upload
from portal.wishes import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Receives, reads and prepares; the same for one model and for many."""

    files: FileManager
    images: ImageLoader
    gatekeeper: Gatekeeper

    def take(self, upload: Upload, modality: ModalitySpec, stages: Stages) -> PreparedImage:
        """The prepared image of a form. The file is gone before it is prepared.

        Raises:
            Refusal: a field, the file or the image is not what was expected.
        """
        wishes = Wishes.of(upload.fields)
        wanted = Wanted(frame=wishes.frame, dicom_modality=modality.dicom_modality)
        with stages.timed("read"), self.files.received(upload.files) as path:
            sha256 = _sha256(path)
            decoded = self.images.read(path, wanted)
        with stages.timed("prepare"):
            image = replace(self.images.prepare(decoded, modality), sha256=sha256)
        with stages.timed("gate"):
            try:
                check = self.gatekeeper.check(decoded, modality, anyway=wishes.anyway)
            except ForeignImage as refusal:
                refusal.preview = image.preview
                raise
        return image.checked(check)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
