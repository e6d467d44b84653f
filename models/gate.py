"""Gate: whether an image is of a modality at all, told from its distance to the training images.

A gate is one JSON file per modality, written by ``python -m pipelines gate`` and read by the
portal. It carries what was measured of it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Literal, Self

import numpy as np

from models.appearance import appearance
from models.errors import Refusal

FORMAT = 1
BLANK = 6 / 255  # between the 1st and the 99th percentile of gray; less is a blank image

Finding = Literal["blank", "small", "coloured", "colourless", "unlike"]
"""What speaks against an image."""


class InvalidGate(Refusal):
    title = "The check of the input cannot be used"
    action = "Make it again with `python -m pipelines gate`."


def _check(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise InvalidGate(expected=expected, received=str(received))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many images of a kind were refused, with Wilson's 95 % interval of the share."""

    refused: int
    total: int
    low: float
    high: float

    def __post_init__(self) -> None:
        _check(0 <= self.refused <= self.total > 0, "some of some images refused", self)
        _check(0.0 <= self.low <= self.value <= self.high <= 1.0, "an interval in [0, 1]", self)

    @property
    def value(self) -> float:
        """The share, in [0, 1]."""
        return self.refused / self.total


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One way in which images of a modality come, as a cloud in the space of appearances."""

    name: str  # "crop", "whole film"
    images: int  # training images that it was fitted on
    mean: tuple[float, ...]
    spread: tuple[float, ...]  # standard deviations, above 0
    inverse: tuple[tuple[float, ...], ...]  # of the shrunk correlation matrix
    reach: float  # distance within which 98 % of the validation images lie

    def __post_init__(self) -> None:
        count = len(self.mean)
        square = len(self.inverse) == count and all(len(row) == count for row in self.inverse)
        _check(count > 0 and len(self.spread) == count and square, "numbers that fit", self.name)
        numbers = np.array([*self.mean, *self.spread, *np.ravel(self.inverse), self.reach])
        _check(bool(np.isfinite(numbers).all()), "finite numbers", self.name)
        _check(min(self.spread) > 0.0 and self.reach > 0.0, "spreads and reach above 0", self.name)

    @cached_property
    def _matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.array(self.mean), np.array(self.spread), np.array(self.inverse)

    def distance(self, numbers: np.ndarray) -> float:
        """Mahalanobis distance of (n,) numbers, as a multiple of ``reach``."""
        mean, spread, inverse = self._matrices
        away = (numbers - mean) / spread
        return float(np.sqrt(max(away @ inverse @ away, 0.0) / len(away))) / self.reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a gate finds in one image."""

    finding: Finding | None  # None: the image may pass
    distance: float  # to the training images; from 1 on it is refused
    profile: str  # the nearest one's name
    coloured: float  # share of pixels with colour, in [0, 1]
    side: int  # pixels of the shorter side

    @property
    def passes(self) -> bool:
        """Whether nothing speaks against the image."""
        return self.finding is None


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The check of one modality's input. An instance that exists is valid."""

    modality: str
    names: tuple[str, ...]  # of the numbers of ``models.appearance`` that are compared
    profiles: tuple[Profile, ...]
    threshold: float  # multiple of a profile's reach from which on an image is refused
    rule: str  # how the threshold was chosen
    coloured: tuple[float, float]  # least and largest share of coloured pixels that may pass
    least_side: int  # pixels of the shorter side
    training: tuple[float, ...]  # percentiles 0, 5, ... 100 of the training images' distances
    training_colour: tuple[float, float]  # between which 9 of 10 training images have colour
    split_sha256: str
    held_out: Mapping[str, Share]  # kind of hold-out image -> share refused
    foreign: Mapping[str, Share]  # kind of other image -> share refused
    aside: Mapping[str, Share]  # what was measured beside: kinds that neither sum counts
    created: str  # ISO 8601 date
    format: int = field(default=FORMAT)

    def __post_init__(self) -> None:
        _check(self.format == FORMAT, f"a gate of format {FORMAT}", self.format)
        _check(bool(self.profiles), "a profile", "none")
        for profile in self.profiles:
            _check(len(profile.mean) == len(self.names), "numbers by name", profile.name)
        _check(self.threshold > 0.0, "a threshold above 0", self.threshold)
        low, high = self.coloured
        _check(0.0 <= low <= high <= 1.0, "shares of colour in [0, 1]", self.coloured)
        _check(len(self.training) == 21, "21 percentiles", len(self.training))
        low, high = self.training_colour
        _check(0.0 <= low <= high <= 1.0, "shares of colour in [0, 1]", self.training_colour)
        _check(bool(self.held_out) and bool(self.foreign), "measured shares", "none")

    @staticmethod
    def place(modality: str) -> PurePosixPath:
        """Where the gate of a modality lies below the folder of gates."""
        return PurePosixPath(f"{modality}.json")

    def read(self, pixels: np.ndarray) -> Reading:
        """Compare an image with the training images.

        Args:
            pixels: (height, width, 3) uint8 RGB.
        """
        return self.judge(appearance(pixels), min(pixels.shape[:2]))

    def judge(self, numbers: Mapping[str, float], side: int) -> Reading:
        """Compare an image whose appearance is known.

        Args:
            numbers: as ``models.appearance.appearance`` gives them.
            side: pixels of the image's shorter side.

        Raises:
            InvalidGate: the gate compares a number that there is not.
        """
        missing = [name for name in self.names if name not in numbers]
        _check(not missing, "numbers of an appearance that are known here", missing)
        values = np.array([numbers[name] for name in self.names])
        distance, profile = min(
            (profile.distance(values) / self.threshold, profile.name) for profile in self.profiles
        )
        return Reading(
            finding=self._finding(numbers, side, distance),
            distance=distance,
            profile=profile,
            coloured=numbers["coloured"],
            side=side,
        )

    def _finding(self, numbers: Mapping[str, float], side: int, distance: float) -> Finding | None:
        least, most = self.coloured
        doubts: tuple[tuple[Finding, bool], ...] = (
            ("blank", numbers["level_99"] - numbers["level_1"] < BLANK),
            ("small", side < self.least_side),
            ("coloured", numbers["coloured"] > most),
            ("colourless", numbers["coloured"] < least),
            ("unlike", distance >= 1.0),
        )
        return next((finding for finding, holds in doubts if holds), None)

    @property
    def all_held_out(self) -> tuple[int, int]:
        """(refused, total) of all hold-out images."""
        return _sum(self.held_out)

    @property
    def all_foreign(self) -> tuple[int, int]:
        """(refused, total) of all other images."""
        return _sum(self.foreign)

    def to_json(self) -> str:
        """The gate as one line of JSON, with its own SHA-256."""
        text = _plain(asdict(self))
        return _plain(
            {"sha256": hashlib.sha256(text.encode()).hexdigest(), "gate": json.loads(text)}
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The gate of a JSON text.

        Raises:
            InvalidGate: it is damaged, or a field is missing, unknown or wrong.
        """
        try:
            sealed = json.loads(text)
            raw = sealed["gate"]
            found = hashlib.sha256(_plain(raw).encode()).hexdigest()
            _check(sealed["sha256"] == found, "a file as it was written", "a changed one")
            return cls(**_revived(raw))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidGate(
                expected="a gate as JSON", received=f"something else ({type(error).__name__})"
            ) from error


def _sum(shares: Mapping[str, Share]) -> tuple[int, int]:
    return sum(share.refused for share in shares.values()), sum(
        share.total for share in shares.values()
    )


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _revived(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The nested dataclasses of a parsed gate."""
    return {
        **raw,
        **{name: tuple(raw[name]) for name in ("names", "coloured", "training", "training_colour")},
        "profiles": tuple(_profile(each) for each in raw["profiles"]),
        **{
            name: {kind: Share(**share) for kind, share in raw[name].items()}
            for name in ("held_out", "foreign", "aside")
        },
    }


def _profile(raw: Mapping[str, Any]) -> Profile:
    return Profile(
        **{
            **raw,
            "mean": tuple(raw["mean"]),
            "spread": tuple(raw["spread"]),
            "inverse": tuple(tuple(row) for row in raw["inverse"]),
        }
    )
