"""ImageMap: what one model says of many squares of one image, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated

from models.card import Estimate
from models.errors import Refusal
from portal.api.documents import (
    Checks,
    DecidingThreshold,
    Fingerprint,
    Input,
    IntendedUse,
    Pixels,
    Share,
    Version,
    Warned,
    refused,
    threshold_of,
)
from portal.api.schema import Says
from portal.errors import Banner
from portal.gatekeeper import warnings
from portal.grid import NothingToMap, TooManySquares
from portal.intended_use import INTENDED_USE
from portal.predictor import SinglePage
from portal.problem import Problem
from portal.region import SquareOutside
from portal.sweep import Tile

_ONE_SQUARE = "send predict the left, top and side of the square in question"
_ACTIONS: Mapping[type[Refusal], str] = MappingProxyType(
    {
        SquareOutside: "Send another side: it is that of each square of the map, in pixels.",
        TooManySquares: f"Send a larger side, or {_ONE_SQUARE}.",
        NothingToMap: f"{_ONE_SQUARE.capitalize()}.",
    }
)
"""In place of those of a page, where the reader also places a square; a map takes none."""


@dataclass(frozen=True, kw_only=True)
class MappedSquare:
    """One square of a map."""

    left: Pixels
    top: Pixels
    probability: Annotated[
        Share, Says("What the network puts out for the positive label of this square alone.")
    ]
    reaches: Annotated[bool, Says("Whether it reaches the threshold.")]


@dataclass(frozen=True, kw_only=True)
class ExpectedSquares:
    """How many squares would reach the threshold if none of them showed anything."""

    about: Annotated[int, Says("At the share itself.", minimum=0)]
    least: Annotated[int, Says("At the beginning of the share's 95 % interval.", minimum=0)]
    most: Annotated[int, Says("At its end.", minimum=0)]


@dataclass(frozen=True, kw_only=True)
class ImageMap:
    """What one model says of each square of the image that was sent: a map, and no verdict."""

    model: Annotated[str, Says("The model's name in addresses.")]
    version: Version
    fingerprint: Fingerprint
    meaning: Annotated[str, Says("Why a map is no verdict, in sentences for a reader.")]
    threshold: DecidingThreshold
    false_alarms: Annotated[Estimate, Says("Share of negative test images that reached it.")]
    expected_reaching: ExpectedSquares
    reaching: Annotated[int, Says("Squares that reach the threshold.", minimum=0)]
    width: Annotated[int, Says("Of the whole image, in pixels.", minimum=1)]
    height: Annotated[int, Says("Of the whole image, in pixels.", minimum=1)]
    side: Annotated[int, Says("Of each square, in pixels.", minimum=1)]
    stride: Annotated[int, Says("Pixels from one square to the next.", minimum=1)]
    squares: Annotated[
        tuple[MappedSquare, ...], Says("Row by row, without those that are left out.")
    ]
    highest: MappedSquare
    background: Annotated[
        int, Says("Squares that are left out as they are mostly background.", minimum=0)
    ]
    unlike: Annotated[
        int,
        Says("Squares that are left out as they are unlike the training images.", minimum=0),
    ]
    checks: Checks
    warnings: Warned
    input: Input
    elapsed_ms: Annotated[int, Says("From the image's turn to the last square.", minimum=0)]
    intended_use: IntendedUse


def image_map(page: SinglePage, sent: Input) -> ImageMap | Problem:
    """The map of a page for an upload."""
    if page.sweep is None or page.elapsed_ms is None:
        return _unmapped(page.banner)
    sweep, card, grid = page.sweep, page.sweep.card, page.sweep.grid
    about, least, most = sweep.false_alarms
    return ImageMap(
        model=card.model,
        version=card.created,
        fingerprint=card.fingerprint,
        meaning=f"A map is no verdict. {sweep.meaning}",
        threshold=threshold_of(card),
        false_alarms=sweep.false_share,
        expected_reaching=ExpectedSquares(about=about, least=least, most=most),
        reaching=sweep.reaching,
        width=sweep.highest.region.width,
        height=sweep.highest.region.height,
        side=grid.side,
        stride=grid.stride,
        squares=tuple(_square(tile, sweep.threshold) for tile in sweep.tiles),
        highest=_square(sweep.highest, sweep.threshold),
        background=grid.skipped,
        unlike=sweep.unlike,
        checks=(*page.checks, *warnings(page.gate)),
        warnings=warnings(page.gate),
        input=sent,
        elapsed_ms=page.elapsed_ms,
        intended_use=INTENDED_USE,
    )


def _unmapped(banner: Banner | None) -> Problem:
    """The problem of an image without a map, with an action that this address takes."""
    problem = refused(banner)
    action = _ACTIONS.get(banner.kind) if banner else None
    return replace(problem, action=action) if action else problem


def _square(tile: Tile, threshold: float) -> MappedSquare:
    return MappedSquare(
        left=tile.region.left,
        top=tile.region.top,
        probability=tile.probability,
        reaches=tile.probability >= threshold,
    )
