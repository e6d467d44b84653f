"""Region: a square of an image, and the refusals of a form that names none or a wrong one."""

from dataclasses import asdict, dataclass, replace
from typing import Self

from models.decoded import DecodedImage
from models.size_limits import MIN_SIDE
from models.specs import ModalitySpec, RegionSpec
from portal.errors import PortalError
from portal.plan import Plan


class RegionRefused(PortalError):
    """Base of what may be wrong with the part of an image that is to be analysed."""

    plan: Plan | None = None  # the image on which a reader places the square


class RegionNeeded(RegionRefused):
    title = "This image shows more than what the models read"
    asks = True
    action = (
        "Choose below what to analyse, a square that you place or the whole image, then send it. "
        "Nothing is shrunk unasked."
    )
    program_action = (
        "Send left, top and side of a square in pixels, or extent=whole to have the whole image "
        "shrunk."
    )

    def __init__(
        self,
        *,
        spec: RegionSpec,
        image: DecodedImage,
        like: str | None = None,
        least: int = MIN_SIDE,
    ) -> None:
        side, length = max(spec.side_in(image.spacing), least), ""
        if spec.side_mm is not None:
            wide = spec.side_mm if image.spacing is None else side * image.spacing
            length = f" ({wide / 10:.1f} cm)"
        seen = f" that looks like a {like}" if like else ""
        super().__init__(
            expected=f"one {spec.name} of about {side} x {side} pixels{length}",
            received=f"an image of {image.width} x {image.height} pixels{seen}",
        )


class SquareOutside(RegionRefused):
    title = "The square does not lie inside the image"
    action = "Change left, top or side, and send the image again. Nothing is cut off unasked."


class NoRegions(RegionRefused):
    title = "Images of this modality are read whole"
    action = "Send the image without left, top and side."

    def __init__(self, modality: ModalitySpec, received: str = "a square of one") -> None:
        super().__init__(expected=f"a whole image of {modality.title.lower()}", received=received)


class NoMaps(NoRegions):
    action = "Ask for one verdict of the whole image: there is nothing to map."

    def __init__(self, modality: ModalitySpec) -> None:
        super().__init__(modality, received="the wish for a map of one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A square inside an image; all in pixels of the image, from its upper left corner.

    Raises:
        SquareOutside: it is not inside, or has fewer pixels than are read as an image.
    """

    left: int
    top: int
    side: int
    width: int  # of the image
    height: int  # of the image

    def __post_init__(self) -> None:
        most = min(self.width, self.height)
        fits = min(self.left, self.top) >= 0 and MIN_SIDE <= self.side <= most
        if fits and self.left + self.side <= self.width and self.top + self.side <= self.height:
            return
        size = f"the image of {self.width} x {self.height} pixels"
        inside = f"a square inside {size}, with a side of {MIN_SIDE} to {most} pixels"
        if MIN_SIDE <= self.side <= most:
            inside = (
                f"a square inside {size}: with a side of {self.side}, left from 0 to "
                f"{self.width - self.side} and top from 0 to {self.height - self.side}"
            )
        raise SquareOutside(
            expected=inside, received=f"left {self.left}, top {self.top}, side {self.side}"
        )

    @classmethod
    def inside(cls, image: DecodedImage, *, left: int, top: int, side: int) -> Self:
        """A square of an image."""
        return cls(left=left, top=top, side=side, width=image.width, height=image.height)

    @property
    def words(self) -> str:
        """The square in a sentence."""
        return (
            f"{self.side} x {self.side} pixels from left {self.left}, top {self.top} of a "
            f"{self.width} x {self.height} image"
        )

    @property
    def document(self) -> dict[str, int]:
        """The square for a program."""
        return asdict(self)

    def cut(self, image: DecodedImage) -> DecodedImage:
        """The part of the image that it was made for."""
        rows, columns = (
            slice(self.top, self.top + self.side),
            slice(self.left, self.left + self.side),
        )
        return replace(image, pixels=image.pixels[rows, columns])
