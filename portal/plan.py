"""Plan: a whole image, reduced, for a reader who places a square on it."""

import base64
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from models.decoded import DecodedImage
from models.size_limits import MIN_SIDE
from models.specs import RegionSpec
from portal.square import Square

_LONGEST = 640  # pixels of the reduced image
_QUALITY = 85  # of its JPEG, which no model sees


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the form shows that asks for a square."""

    spec: RegionSpec
    picture: str  # the whole image, reduced, as a ``data:`` address of a JPEG
    width: int  # of the whole image, pixels
    height: int  # of the whole image, pixels
    square: Square  # where it stands at first
    least: int  # pixels of the smallest side
    learnt: str  # from what size of a square models learnt, a sentence

    @classmethod
    def of(
        cls,
        image: DecodedImage,
        spec: RegionSpec,
        square: Square | None = None,
        *,
        least: int = MIN_SIDE,
    ) -> Self:
        """The plan of an image.

        Args:
            image: the whole one.
            spec: what models of its modality read at a time.
            square: where it stands; None puts it into the middle.
            least: pixels of a side below which squares are refused unless wanted anyway.
        """
        square = square or _middle(image, spec, least)
        return cls(
            spec=spec,
            picture=reduced(image.pixels),
            width=image.width,
            height=image.height,
            square=square,
            # A smaller one that was sent may be sent again, to be analysed anyway.
            least=max(MIN_SIDE, min(least, image.side, square.side)),
            learnt=_learnt(image, spec, least),
        )

    @property
    def most(self) -> int:
        """Pixels of the largest side."""
        return min(self.width, self.height)


def reduced(pixels: np.ndarray) -> str:
    """An image with a longer side of at most 640 pixels, as a ``data:`` address of a JPEG.

    Args:
        pixels: (height, width, 3) uint8 RGB, or (height, width) uint8.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, _LONGEST / max(height, width))
    size = max(1, round(scale * width)), max(1, round(scale * height))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    shown = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    _, jpeg = cv2.imencode(".jpg", shown, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.tobytes()).decode('ascii')}"


def _learnt(image: DecodedImage, spec: RegionSpec, least: int) -> str:
    if spec.side_mm is None:
        return (
            f"The models learnt from {spec.name}s of {spec.side} pixels at the resolution of their "
            "training images; at a finer one, choose a larger side, at a coarser one a smaller, of "
            f"{least} at least."
        )
    known = f"The models learnt from {spec.name}s of {spec.side_mm / 10:.1f} cm"
    if image.spacing is not None and spec.side_in(image.spacing) < least:
        return (
            f"{known}, which are only {spec.side_in(image.spacing)} pixels here: this image is "
            f"coarser than what they learnt from, and a square of it has {least} pixels at least."
        )
    if image.spacing is not None:
        return f"{known}, which are {spec.side_in(image.spacing)} pixels here."
    return (
        f"{known}, {spec.side} pixels of {spec.pixel_mm} mm. This file does not say how large its "
        "pixels are; where they are smaller, choose a larger side, and a smaller one, of "
        f"{least} at least, where the image was reduced."
    )


def _middle(image: DecodedImage, spec: RegionSpec, least: int) -> Square:
    side = min(max(spec.side_in(image.spacing), least), image.side)
    return Square(left=(image.width - side) // 2, top=(image.height - side) // 2, side=side)
