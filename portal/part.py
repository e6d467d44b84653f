"""Part: which part of an image is analysed, and what has to be said of that."""

from dataclasses import dataclass
from typing import Self

from models.decoded import DecodedImage
from models.preprocessing import SIDE
from models.size_limits import MIN_SIDE
from models.specs import ModalitySpec
from portal.part_size import unlike_in_size
from portal.region import NoRegions, Region, RegionNeeded
from portal.wishes import Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A square of an image, or all of it."""

    whole: DecodedImage
    modality: ModalitySpec
    region: Region | None = None  # None: all of it
    asked: bool = False  # whether all of it was asked for, however large it is

    @classmethod
    def of(cls, image: DecodedImage, modality: ModalitySpec, wishes: Wishes) -> Self:
        """The part that a reader wishes.

        Raises:
            NoRegions: a square of an image that models read whole.
            SquareOutside: the square is not inside the image.
        """
        square = wishes.square
        if square is None:
            return cls(whole=image, modality=modality, asked=wishes.extent == "whole")
        if modality.region is None:
            raise NoRegions(modality)
        left, top, side = square.left, square.top, square.side
        region = Region.inside(image, left=left, top=top, side=side)
        return cls(whole=image, modality=modality, region=region)

    @property
    def image(self) -> DecodedImage:
        """The pixels of the part."""
        return self.whole if self.region is None else self.region.cut(self.whole)

    @property
    def shrunk(self) -> bool:
        """Whether it is more than what models of the modality read at a time."""
        spec = self.modality.region
        longest = max(self.whole.width, self.whole.height)
        if self.region is not None or spec is None:
            return False
        return longest > spec.largest_in(self.whole.spacing)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said of the part among the checks of an input; nothing of an image as usual."""
        if self.region is not None:
            return (f"Analysed: {self.region.words}", *self.cautions)
        return self.cautions

    @property
    def cautions(self) -> tuple[str, ...]:
        """Those of the sentences that a reader should heed."""
        if self.shrunk:
            size = f"{self.whole.width} x {self.whole.height}"
            return (f"Analysed: the whole {size} image, shrunk, as asked",)
        unlike = unlike_in_size(self.image, self.whole, self.modality.region)
        return (unlike,) if unlike else ()

    @property
    def warning(self) -> str | None:
        """What a reader must know before a verdict."""
        spec = self.modality.region
        if spec is None or not self.shrunk:
            return None
        return (
            f"The whole image of {self.whole.width} x {self.whole.height} pixels was shrunk to "
            f"{SIDE} x {SIDE}, as asked. The models learnt from {spec.name}s of about {spec.side} "
            f"x {spec.side} pixels, so that what a model says of it may mean nothing."
        )

    def require(self, like: str | None = None, least: int = MIN_SIDE) -> None:
        """Refuse to shrink unasked.

        Args:
            like: the whole that the image looks like by its gate, however small it came.
            least: pixels of a side below which the gate refuses squares.

        Raises:
            RegionNeeded: the image is more than what models read, and nobody said which part.
        """
        spec = self.modality.region
        if spec is None or self.region is not None or self.asked:
            return
        if self.shrunk or like:
            like = None if self.shrunk else like
            raise RegionNeeded(spec=spec, image=self.whole, like=like, least=least)
