"""What decoding an upload gives: an image, or a refusal that says why."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.errors import Refusal

if TYPE_CHECKING:  # the refusals below are imported before a server forks
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedImage:
    """One image as pixels, and what was done to its file on the way."""

    pixels: "np.ndarray" = field(repr=False)  # (height, width, 3) uint8 RGB, read-only
    format: str  # "PNG"
    mode: str  # as stored, in Pillow's words ("L", "I;16", "RGBA") or DICOM's ("MONOCHROME1")
    bit_depth: int  # per channel, as stored
    notes: tuple[str, ...] = ()  # one sentence per change, in the order they were made
    cautions: tuple[str, ...] = ()  # those of the notes that a reader should heed
    spacing: float | None = None  # mm from one pixel to the next; None: the file does not say

    def __post_init__(self) -> None:
        shape, kind = self.pixels.shape, self.pixels.dtype
        if len(shape) != 3 or shape[2] != 3 or not self.pixels.size or kind != "uint8":
            raise ValueError(f"expected (height, width, 3) uint8, received {shape} {kind}")
        self.pixels.flags.writeable = False

    @property
    def height(self) -> int:
        """Rows of pixels, upright."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns of pixels, upright."""
        return int(self.pixels.shape[1])

    @property
    def side(self) -> int:
        """Pixels of the shorter side."""
        return min(self.height, self.width)


class ImageRefused(Refusal):
    """An upload that cannot be read as one image."""

    title = "This image could not be read"
    action = "Upload a PNG, JPEG, TIFF, BMP or DICOM image."


class EmptyFile(ImageRefused):
    """The file has no content."""

    title = "The file is empty"
    action = "Check the file on your computer, then upload it again."


class NotAnImage(ImageRefused):
    """The content is none of the formats, whatever the file's name says."""

    title = "The file is not an image that can be read here"


class DamagedImage(ImageRefused):
    """The content begins like an image and then breaks its format's rules or ends early."""

    title = "The image is damaged or incomplete"
    action = "Export the image again, or upload the original file."


class NoRoomToRead(Refusal):
    """The machine is full. It says nothing of the file: whoever leaves out bad ones keeps it."""

    title = "The image could not be read just now"
    action = "Try again in a minute. If it happens again, tell whoever runs this machine."


class UnsupportedImage(ImageRefused):
    """The content may be sound, but stores its colours in a way that is not read here."""

    title = "The image is of a rare kind that is not read here"
    action = "Save it as a gray or RGB image in PNG or TIFF, and upload that."


class ImageTooLarge(ImageRefused):
    """The image has more pixels than are decoded."""

    title = "The image has too many pixels"
    action = "Cut out the region of interest, or export the image at a smaller size."


class ImageTooSmall(ImageRefused):
    """The image has too few pixels to show anything."""

    title = "The image has too few pixels"
    action = "Upload the image at its full size."


class AnimatedImage(ImageRefused):
    """The file holds several frames or pages."""

    title = "The file holds more than one image"
    action = "Export the one image that is to be read, and upload that."


class NoPixels(ImageRefused):
    """A DICOM file of a kind that holds no image."""

    title = "The DICOM file holds no image"
    action = "Upload the image itself; viewers export it as a DICOM, PNG or TIFF file."


class SecondaryCapture(ImageRefused):
    """A DICOM file that a program made from what was on a screen, on film or in another file."""

    title = "The DICOM file is a secondary capture"
    action = "Upload the image as the scanner made it, not a screenshot or a converted copy."


class OtherModality(ImageRefused):
    """A DICOM file that says it comes from another kind of scanner."""

    title = "The image is of another modality"
    action = "Choose the page of its modality, or another file."
    program_action = "Ask a model of its modality, or send another file."


class FrameRefused(ImageRefused):
    """Base of what is said where one frame has to be chosen; ``frames`` is how many there are."""

    def __init__(self, *, frames: int, received: str) -> None:
        super().__init__(expected=f"the number of a frame, from 1 to {frames}", received=received)
        self.frames = frames


class FrameNeeded(FrameRefused):
    """A file of several frames, and no word on which to read."""

    title = "The file holds several frames"
    asks = True
    action = "Choose one frame, and send the file again."
    program_action = "Send the number of one frame as the field frame."

    def __init__(self, *, frames: int) -> None:
        super().__init__(frames=frames, received=f"a file with {frames} frames")


class NoSuchFrame(FrameRefused):
    """A frame was asked for that the file does not have."""

    title = "The file has no such frame"
    action = "Choose a frame that the file has, and send the file again."
    program_action = "Send the number of one frame as the field frame."
