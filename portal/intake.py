"""Intake: from a sent form to an image that networks can read."""

from dataclasses import dataclass, replace

from models.decoded import DecodedImage
from models.files import file_sha256
from models.room import room_required
from models.specs import ModalitySpec, RegionSpec
from models.wanted import Wanted
from portal.errors import FieldRefused
from portal.file_manager import FileManager
from portal.gatekeeper import ForeignImage, GateCheck, Gatekeeper
from portal.grid import Grid, NothingToMap, in_numbers
from portal.image_loader import ImageLoader, PreparedImage, received
from portal.part import Part
from portal.plan import Plan
from portal.region import NoMaps, Region, RegionRefused
from portal.square import Square
from portal.stages import Stages
from portal.upload import Upload
from portal.wishes import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeImage:
    """A large image that is to be read square by square."""

    decoded: DecodedImage
    modality: ModalitySpec
    spec: RegionSpec  # the modality's
    checks: tuple[str, ...]
    cautions: tuple[str, ...]  # those of the checks that a reader should heed
    sha256: str  # of the file
    gate: GateCheck
    least: int  # pixels of a side below which the gate refuses every square

    def grid(self, side: int | None) -> Grid:
        """Its squares.

        Raises:
            RegionRefused: there are none, too many, or too small ones; it has the plan on which to
                choose others.
        """
        try:
            return Grid.of(self.decoded, self.spec, side, least=self.least)
        except RegionRefused as refusal:
            refusal.plan = self.plan()
            raise

    def plan(self, square: Square | None = None) -> Plan:
        """Where a reader may place a square next."""
        return Plan.of(self.decoded, self.spec, square, least=self.least)

    def part(self, region: Region) -> Part:
        """One of its squares."""
        return Part(whole=self.decoded, modality=self.modality, region=region)

    def nothing_to_map(self, grid: Grid) -> NothingToMap:
        """The refusal where no square of a grid is like the training images."""
        refusal = NothingToMap(
            expected="squares that are like the training images",
            received=f"{in_numbers(len(grid.regions))} unlike them",
        )
        refusal.plan = self.plan()
        return refusal


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
        if wishes.extent == "sweep":
            raise FieldRefused(
                expected="'square', 'whole' or nothing in the field 'extent' here",
                received="'sweep', which is for one model on its page",
            )
        sha256, decoded = self._received(upload, modality, wishes, stages)
        try:
            image, check = self._prepared(decoded, modality, wishes, stages)
        except RegionRefused as refusal:
            refusal.plan = self._plan(decoded, modality, wishes)
            raise
        except ForeignImage as refusal:
            if wishes.extent or Part(whole=decoded, modality=modality).shrunk:
                refusal.offer(self._plan(decoded, modality, wishes))
            raise
        placed = image.region or wishes.extent  # who was asked for a part may choose another one
        plan = self._plan(decoded, modality, wishes) if placed else None
        return replace(image, sha256=sha256, plan=plan).checked(check)

    def whole(self, upload: Upload, modality: ModalitySpec, stages: Stages) -> WholeImage:
        """The image of a form that is to be read square by square. The file is gone by then.

        Raises:
            Refusal: a field, the file or the image is not what was expected.
        """
        wishes = Wishes.of(upload.fields)
        if modality.region is None:
            raise NoMaps(modality)
        sha256, decoded = self._received(upload, modality, wishes, stages)
        with stages.timed("gate"), room_required():
            least = self.gatekeeper.least_side(modality)
            try:
                check = self.gatekeeper.check(decoded, modality, anyway=wishes.anyway)
            except ForeignImage as refusal:
                refusal.preview = self.images.prepare(
                    Part(whole=decoded, modality=modality)
                ).preview
                refusal.offer(self._plan(decoded, modality, wishes))
                raise
        if check.passes:  # what it warns of then is that a whole image is shrunk, and none is
            check = replace(check, warning=None)
        compared = check.sentence  # as a whole: its squares are compared one by one
        sentence = (f"The whole image, {compared[0].lower()}{compared[1:]}",) if compared else ()
        return WholeImage(
            decoded=decoded,
            modality=modality,
            spec=modality.region,
            checks=(received(decoded), *decoded.notes, *sentence),
            cautions=decoded.cautions,
            sha256=sha256,
            gate=check,
            least=least,
        )

    def _received(
        self, upload: Upload, modality: ModalitySpec, wishes: Wishes, stages: Stages
    ) -> tuple[str, DecodedImage]:
        """The SHA-256 of the file, and its image."""
        wanted = Wanted(frame=wishes.frame, dicom_modality=modality.dicom_modality)
        with stages.timed("read"), room_required(), self.files.received(upload.files) as path:
            return file_sha256(path), self.images.read(path, wanted)

    def _plan(self, decoded: DecodedImage, modality: ModalitySpec, wishes: Wishes) -> Plan | None:
        """Where a reader may place a square; None where images are read whole."""
        if modality.region is None:
            return None
        with room_required():
            least = self.gatekeeper.least_side(modality)
            return Plan.of(decoded, modality.region, wishes.square, least=least)

    def _prepared(
        self, decoded: DecodedImage, modality: ModalitySpec, wishes: Wishes, stages: Stages
    ) -> tuple[PreparedImage, GateCheck]:
        """The part that is wished for, and what the gate finds in it."""
        with stages.timed("prepare"), room_required():
            part = Part.of(decoded, modality, wishes)
            image = self.images.prepare(part)
        with stages.timed("gate"), room_required():
            least = self.gatekeeper.least_side(modality)
            try:
                check = self.gatekeeper.check(part.image, modality, anyway=wishes.anyway)
            except ForeignImage as refusal:
                refusal.preview = image.preview
                raise
        part.require(check.like, least)
        warnings = [warning for warning in (check.warning, part.warning) if warning]
        if check.passes:  # it then warns of the same, that a whole image is shrunk
            warnings = warnings[:1]
        return image, replace(check, warning=" ".join(warnings) or None)
