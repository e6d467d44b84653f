"""ImageLoader: a file on disk -> the tensor a network reads, and what happened on the way."""

import base64
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from markupsafe import Markup

from models.decoded import DecodedImage
from models.imaging import decode
from models.specs import ModalitySpec
from models.wanted import ANYTHING, Wanted
from portal.gatekeeper import GateCheck
from portal.part import Part
from portal.plan import Plan
from portal.region import Region

_ALIKE = 1.1  # longer over shorter side of what is as good as square


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedImage:
    """An image as the networks of one modality see it."""

    tensor: np.ndarray  # (1, 224, 224, 3) float32 RGB in 0..255
    checks: tuple[str, ...]  # sentences on what was received and what was done to it
    cautions: tuple[str, ...] = ()  # those of the checks that a reader should heed
    sha256: str | None = None  # of the file as it was received, where it was received by a form
    gate: GateCheck | None = None  # None: not yet compared with the training images
    region: Region | None = None  # the square that it is of a larger image; None: all of it
    plan: Plan | None = None  # the larger image, on which the square may be moved

    def checked(self, gate: GateCheck) -> "PreparedImage":
        """The same image with what the gate found."""
        sentence = (gate.sentence,) if gate.sentence else ()
        return replace(self, checks=(*self.checks, *sentence), gate=gate)

    @property
    def preview(self) -> str:
        """The prepared image as a ``data:`` address of a PNG."""
        red, green, blue = cv2.split(cv2.convertScaleAbs(self.tensor[0]))
        is_gray = np.array_equal(red, green) and np.array_equal(green, blue)
        # OpenCV writes in 1 or 2 ms what takes Pillow 10 at the same size.
        _, png = cv2.imencode(".png", red if is_gray else cv2.merge([blue, green, red]))
        address = f"data:image/png;base64,{base64.b64encode(png.tobytes()).decode('ascii')}"
        return Markup(address)  # noqa: S704 -- nothing to escape: letters, digits and :/;,+=


class ImageLoader:
    """Reads an image file and prepares it exactly as training did. Scales nothing."""

    def read(self, path: Path, wanted: Wanted = ANYTHING) -> DecodedImage:
        """The image of ``path``.

        Raises:
            ImageRefused: the content is no image, damaged, too large, too small, animated or not
                what is wanted.
        """
        return decode(path.read_bytes(), wanted)

    def prepare(self, part: Part) -> PreparedImage:
        """A part of an image as the networks of its modality see it."""
        whole, modality = part.whole, part.modality
        pixels = modality.prepare(part.image.pixels)
        stretched = _stretched(part)
        heeded = stretched if modality.region else ()  # where models learnt from squares
        return PreparedImage(
            tensor=np.ascontiguousarray(pixels[np.newaxis], dtype=np.float32),
            checks=(
                received(whole),
                *whole.notes,
                *part.sentences,
                *stretched,
                _prepared(modality),
            ),
            cautions=(*whole.cautions, *part.cautions, *heeded),
            region=part.region,
        )


def received(image: DecodedImage) -> str:
    """What came, in words."""
    height, width = image.pixels.shape[:2]
    bits = "1 bit" if image.bit_depth == 1 else f"{image.bit_depth} bits"
    return f"{image.format}, {bits} per channel, {width} x {height} pixels"


def _stretched(part: Part) -> tuple[str, ...]:
    """What is said where preparing changes width over height by more than a tenth."""
    height, width = part.image.pixels.shape[:2]
    if max(width, height) <= _ALIKE * min(width, height):
        return ()
    spec = part.modality.region
    learnt = (
        f"; the models learnt from square {spec.name}s" if spec else ", as they were in training"
    )
    sentence = f"Stretched from {width} x {height} pixels to a square: shapes in the prepared image"
    return (f"{sentence} are distorted{learnt}",)


def _prepared(modality: ModalitySpec) -> str:
    return f"Prepared for {modality.title.lower()}: {', '.join(modality.prepared_by)}"
