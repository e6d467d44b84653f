"""The portal's own refusals, and the one shape in which a page shows any refusal."""

from dataclasses import dataclass
from typing import ClassVar, Self

from models.decoded import FrameRefused
from models.errors import Refusal


class PortalError(Refusal):
    """A refusal that comes from the portal itself."""


class SettingRefused(PortalError):
    title = "A setting cannot be used"
    action = "Change the setting and start again."


class CannotStart(PortalError):
    title = "The portal cannot start"


class AccessRefused(PortalError):
    """Base of what is refused before a page is asked; it has a status of its own."""

    status: ClassVar[int] = 403
    drained: ClassVar[bool] = False  # whether to read on, so that a browser shows the page

    def __init__(
        self, *, expected: str, received: str, action: str | None = None, wait: float = 0.0
    ) -> None:
        super().__init__(expected=expected, received=received, action=action)
        self.wait = wait  # seconds after which to ask again; 0: at once, or never


class CrossSitePost(AccessRefused):
    title = "This form was sent from another site"
    action = "Open the page here, in this portal, and send its own form."
    program_action = (
        "Send the request from a program: what a browser sends for another site is refused."
    )


class TooManyUploads(AccessRefused):
    status = 429
    drained = True
    title = "Too many uploads came from this address"
    action = "Your image was not kept. Wait a little, then send it again."


class SignInNeeded(AccessRefused):
    status = 401
    drained = True
    title = "You are not signed in"
    action = "Sign in, then open the page and send it again. Nothing was kept."
    program_action = "Send a name and its password by HTTP Basic."


class WrongPassword(AccessRefused):
    status = 401
    title = "Name or password is not right"
    action = "Try again, or ask whoever runs this portal."


class TooManyTries(AccessRefused):
    status = 429
    title = "Too many wrong passwords"
    action = "Wait a little, then try again."


class NoTurn(AccessRefused):
    status = 429
    title = "Too many passwords are being tried just now"
    action = "Try again in a few seconds."


class UploadRefused(PortalError):
    """Base of what may be wrong with an upload before its content is looked at."""


class NoImageSent(UploadRefused):
    title = "No image was sent"
    action = "Choose an image file, then send it."
    program_action = "Send the image file as the field image of a form."


class NoImageChosen(UploadRefused):
    title = "No file was chosen"
    action = "Choose an image file, then send it."
    program_action = "Send the image file as the field image of a form."


class UnknownField(PortalError):
    title = "The form has a field that is not known here"
    action = "Send only the fields of the page's own form."
    program_action = "Send only fields that /api/v1/openapi.json names for this address."


class FieldRefused(PortalError):
    title = "A field of the form cannot be used"
    action = "Correct the field, then send the form again."


class UnreadableForm(UploadRefused):
    """Comes with status 400."""

    title = "The form could not be read"
    action = "Choose the image and send it again."
    program_action = "Send it again, with a file name in UTF-8 or plain letters."


class TooManyImages(UploadRefused):
    title = "More than one file was sent"
    action = "Send one image at a time."


class WrongSuffix(UploadRefused):
    title = "This kind of file is not accepted"
    action = "Save the image as PNG, JPEG, TIFF, BMP or DICOM and upload that file."


class UploadTooLarge(UploadRefused):
    title = "This file is too large"
    action = "Upload a smaller file, or crop the image to the region of interest."


class UploadTooSlow(UploadRefused):
    """Comes with status 408."""

    title = "The form came too slowly"
    action = "Nothing was kept. Send it again over a faster connection, or send a smaller file."


class NoRoomForUpload(UploadRefused):
    title = "The image could not be taken in just now"
    action = "Try again in a minute. If it happens again, tell whoever runs this portal."


class PortalBusy(PortalError):
    """Comes with status 503; nothing is wrong with the request."""

    title = "The portal is busy just now"
    action = "Nothing was kept. Send it again in a few seconds."


class NotDicom(PortalError):
    title = "Only a DICOM file can be answered with one"
    action = "Send the DICOM file of the image, or ask for the answer on the page."
    program_action = "Send the DICOM file of the image, or leave out the field answer."


class NoStudy(PortalError):
    title = "The DICOM file does not say where its answer belongs"
    action = "Export the image again as your archive has it, or ask for the answer on the page."
    program_action = "Export the image again as your archive has it, or leave out the field answer."


class ModelUnavailable(PortalError):
    title = "This model cannot answer just now"
    action = "Try again. If it happens again, tell whoever runs this portal."


class PrecisionRefused(PortalError):
    title = "This model cannot be used at this precision"
    action = "Whoever runs this portal can serve it with PRECISION=f32."


class NotebookUnreadable(PortalError):
    title = "This notebook cannot be shown"
    action = "Everything else works as usual. Tell whoever runs this portal."


class ReportUnreadable(PortalError):
    title = "The report cannot be shown"
    action = "Everything else works as usual. Tell whoever runs this portal."


class ReportRefused(PortalError):
    """Comes with status 400."""

    title = "This result cannot be saved"
    action = "Go back, analyse the image again, and save the result from the new page."


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """What a page says of a refusal: what was expected, what came, what to do."""

    kind: type[Refusal]
    title: str
    expected: str
    received: str
    action: str
    program_action: str  # the same for a program
    frames: int | None = None  # of the file, where the reader has to choose one

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """The banner of a refusal."""
        return cls(
            kind=type(refusal),
            title=refusal.title,
            expected=refusal.expected,
            received=refusal.received,
            action=refusal.action,
            program_action=refusal.program_action or refusal.action,
            frames=refusal.frames if isinstance(refusal, FrameRefused) else None,
        )

    @property
    def of_wishes(self) -> bool:
        """Whether the fields were wrong, not the file: a script leaves the page as it is."""
        return issubclass(self.kind, FieldRefused | UnknownField | NotDicom | NoStudy)

    @property
    def asks(self) -> bool:
        """Whether nothing is wrong, and only a choice is missing."""
        return self.kind.asks

    @property
    def reason(self) -> str:
        """The name of its kind: "NotAnImage"."""
        return self.kind.__name__
