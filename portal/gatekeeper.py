"""Gatekeeper: refuses an image that is not of the page's modality, and says why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar

from models.appearance import appearance
from models.beside import beside
from models.catalogue import MODALITIES
from models.decoded import DecodedImage
from models.errors import Refusal
from models.gate import Finding, Gate, Reading
from models.size_limits import MIN_SIDE
from models.specs import ModalitySpec
from portal.errors import PortalError
from portal.figures import numbers
from portal.gate_store import GateStore
from portal.plan import Plan

ANYWAY = "Analyse anyway"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCheck:
    """What the gate found in one image, for pages."""

    gate: Gate | None = None  # None: there is none that can be used
    reading: Reading | None = None  # None: the same
    warning: str | None = None  # what a reader must know before a verdict

    @property
    def passes(self) -> bool:
        """Whether it was compared, and nothing speaks against it."""
        return self.reading is not None and self.reading.passes

    @property
    def like(self) -> str | None:
        """The whole that it looks like, "whole film", in place of the part that models read."""
        if self.gate is None or self.reading is None or not self.reading.passes:
            return None
        learnt = self.gate.profiles[0].name
        return None if self.reading.profile == learnt else self.reading.profile

    @property
    def sentence(self) -> str | None:
        """What is said where nothing speaks against the image."""
        if self.gate is None or self.reading is None or not self.reading.passes:
            return None
        images = sum(profile.images for profile in self.gate.profiles)
        return (
            f"Compared with {numbers.count(images)} training images: "
            f"distance {self.reading.distance:.2f}, and up to 1.00 may pass"
        )

    @property
    def caution(self) -> str | None:
        """What is said in place of that sentence where the check failed or could not be made."""
        if self.reading is None:
            return "Not compared with training images" if self.warning else None
        if self.reading.finding is None:
            return None
        title = _KINDS[self.reading.finding].title
        return f"Refused by the check of the input: {title[0].lower()}{title[1:]}; analysed anyway"


def warnings(check: GateCheck | None) -> tuple[str, ...]:
    """What a record of an answer must say beside the checks of its input."""
    return (check.warning,) if check and check.warning else ()


class ForeignImage(PortalError):
    """Something speaks against an image; subclasses say what."""

    finding: ClassVar[Finding]
    title = "This is not an image for this page"
    action = (
        "Check the file, and that this is the page for it. If the image is what this page asks "
        f'for, tick "{ANYWAY}" and send it again.'
    )
    program_action = (
        "Check the file, and that the model is one of its modality. If it is, send anyway=yes: "
        "the answer will say that this image was refused."
    )

    preview: str | None = None  # the prepared image as a data: address
    plan: Plan | None = None  # where a reader may move the square that was asked for

    def __init__(self, *, expected: str, received: str, check: GateCheck) -> None:
        super().__init__(expected=expected, received=received)
        self.check = check

    def offer(self, plan: Plan | None) -> None:
        """Have a reader place the square; None where images are read whole."""
        if plan is None:
            return
        self.plan = plan
        self.action = f"Place the square on what is to be read, and send it. {self.action}"
        self.program_action = (
            "Send predict or compare the left, top and side of the square that is to be read. "
            f"{self.program_action}"
        )


class BlankImage(ForeignImage):
    finding = "blank"
    title = "The image is blank"


class SmallImage(ForeignImage):
    finding = "small"
    title = "The image is too small"


class ColouredImage(ForeignImage):
    finding = "coloured"
    title = "The image has colours where gray is expected"


class ColourlessImage(ForeignImage):
    finding = "colourless"
    title = "The image lacks the colours that are expected"


class UnlikeTraining(ForeignImage):
    finding = "unlike"
    title = "This looks like another kind of image"


_KINDS: Mapping[Finding, type[ForeignImage]] = MappingProxyType(
    {
        kind.finding: kind
        for kind in (BlankImage, SmallImage, ColouredImage, ColourlessImage, UnlikeTraining)
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gatekeeper:
    """Compares images with the training images of a modality."""

    gates: GateStore

    def check(self, image: DecodedImage, modality: ModalitySpec, *, anyway: bool) -> GateCheck:
        """What is to be said of an image that may go on.

        A gate that cannot be used holds nobody up: the check then has a warning that says so.

        Args:
            image: as it was decoded.
            modality: of the page.
            anyway: the reader wants an answer whatever is found.

        Raises:
            ForeignImage: something speaks against the image, and nobody wants it anyway.
        """
        try:
            gate = self.gates.find(modality)
            seen = appearance(image.pixels)
            reading = gate.judge(seen, image.side)
        except Refusal as refusal:
            return GateCheck(warning=_unchecked(modality, refusal))
        check = GateCheck(gate=gate, reading=reading)
        if reading.finding is None:
            return replace(check, warning=_shrunk(gate, check.like))
        words = _WORDS[reading.finding](gate, reading, modality)
        kin = self._kin(seen, image.side, modality) if reading.finding == "unlike" else ""
        refused = _KINDS[reading.finding](expected=words[0], received=words[1] + kin, check=check)
        if not anyway:
            raise refused
        return replace(check, warning=_anyway(refused))

    def least_side(self, modality: ModalitySpec) -> int:
        """Pixels of the shorter side below which every image of a modality is refused."""
        gate = self.gates.usable(modality)
        return max(gate.least_side, MIN_SIDE) if gate else MIN_SIDE

    def _kin(self, seen: Mapping[str, float], side: int, modality: ModalitySpec) -> str:
        """A clause that names the modality of which the image may be instead, if there is one."""
        others = (other for other in MODALITIES.values() if other.key != modality.key)
        gates = ((other, gate) for other in others if (gate := self.gates.usable(other)))
        readings = ((other, gate.judge(seen, side)) for other, gate in gates)
        near = [(found.distance, other.title.lower()) for other, found in readings if found.passes]
        return f"; it is like the training images of {min(near)[1]}" if near else ""


Words = tuple[str, str]
"""What was expected, and what came."""


def _blank(_gate: Gate, _reading: Reading, _modality: ModalitySpec) -> Words:
    return "a picture with light and dark", "one shade all over"


def _small(gate: Gate, reading: Reading, _modality: ModalitySpec) -> Words:
    least = (
        f"at least {gate.least_side} pixels on the shorter side, half of what models learnt from"
    )
    return least, f"{reading.side} pixels"


def _coloured(gate: Gate, reading: Reading, modality: ModalitySpec) -> Words:
    came, most = numbers.percents_apart(reading.coloured, gate.coloured[1])
    return (
        f"{modality.title.lower()} in shades of gray, colour in {most} of the image at most",
        f"colour in {came} of it",
    )


def _colourless(gate: Gate, reading: Reading, modality: ModalitySpec) -> Words:
    came, least = numbers.percents_apart(reading.coloured, gate.coloured[0])
    return (
        f"{modality.title.lower()} in its colours, in {least} of the image at least",
        f"colour in {came} of it",
    )


def _unlike(_gate: Gate, reading: Reading, modality: ModalitySpec) -> Words:
    wanted = f"{modality.upload[0].lower()}{modality.upload[1:].rstrip('.')}"
    times = beside(reading.distance, 1.0, 1)
    return wanted, f"an image {times} times as far from the training images as may pass"


_WORDS: Mapping[Finding, Callable[[Gate, Reading, ModalitySpec], Words]] = MappingProxyType(
    {
        "blank": _blank,
        "small": _small,
        "coloured": _coloured,
        "colourless": _colourless,
        "unlike": _unlike,
    }
)


def _shrunk(gate: Gate, like: str | None) -> str | None:
    """What to say where a whole film or slide image is read in place of a part of it."""
    return like and (
        f"This looks like a {like}, and the models learnt from a {gate.profiles[0].name} at full "
        "resolution. It was shrunk to 224 pixels as a whole, so that what a model says of it may "
        "mean nothing. Place a square on the part in question, and have only that read."
    )


def _anyway(refused: ForeignImage) -> str:
    return (
        f"Analysed anyway. {refused.title}: expected {refused.expected}; received "
        f"{refused.received}. What a model says of it may mean nothing."
    )


def _unchecked(modality: ModalitySpec, refusal: Refusal) -> str:
    return (
        f"It could not be checked whether this is an image of {modality.title.lower()}. "
        f"{refusal.title}: whoever runs this portal can mend that. Judge by your own eyes."
    )
