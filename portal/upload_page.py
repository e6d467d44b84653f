"""UploadPage: what the page of one model and that of several show of an upload."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

from models.decoded import NoRoomToRead
from models.errors import Refusal
from portal.answered import Answered
from portal.downloads import Download
from portal.errors import Banner, NoRoomForUpload
from portal.gatekeeper import ForeignImage, GateCheck
from portal.image_loader import PreparedImage
from portal.plan import Plan
from portal.region import Region, RegionRefused
from portal.result import Result
from portal.stages import Stages
from portal.wishes import Wishes


@dataclass(frozen=True, kw_only=True)
class UploadPage:
    """Before anything is sent it is empty."""

    banner: Banner | None = None
    wishes: Wishes = field(default_factory=Wishes)
    checks: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()  # those of the checks that a reader should heed
    preview: str | None = None  # the prepared image as a data: address
    sha256: str | None = None  # of the uploaded file
    report: str | None = None  # the signed result, for the form that saves it
    file: Download | None = None  # what is sent in place of the page, where it was asked for
    gate: GateCheck | None = None  # how like the training images it is
    foreign: bool = False  # too unlike them: a reader may go on, or not
    region: Region | None = None  # the square of the image that was analysed; None: all of it
    plan: Plan | None = None  # where a reader is to place one, or may move it
    status: int = 200  # of HTTP: a form that was read is answered, whatever the answer says
    elapsed_ms: int | None = None  # from its turn to the last verdict
    stages: Stages = field(default_factory=Stages)

    @property
    def answered(self) -> Answered:
        """What came of it, for log and metrics."""
        return Answered.of([], [self.banner], self.stages)

    @property
    def result(self) -> Result | None:
        """What a report says of it; None where there is no verdict."""
        return None

    def showing(self, image: PreparedImage) -> Self:
        """The page with what there is to say of the image before any model is asked."""
        return replace(
            self,
            sha256=image.sha256,
            checks=image.checks,
            cautions=image.cautions,
            preview=image.preview,
            gate=image.gate,
            region=image.region,
            plan=image.plan,
        )

    def because_of(self, refusal: Refusal) -> Self:
        """The page with why there is no verdict, and with what there is to see and to choose."""
        found: dict[str, Any] = {"banner": Banner.of(refusal)}
        if isinstance(refusal, NoRoomForUpload | NoRoomToRead):
            found["status"] = 503  # a proxy asks another replica
        if isinstance(refusal, ForeignImage):
            found |= {
                "foreign": True,
                "gate": refusal.check,
                "preview": refusal.preview,
                "plan": refusal.plan,
            }
        elif isinstance(refusal, RegionRefused):
            found["plan"] = refusal.plan
        return replace(self, **found)
