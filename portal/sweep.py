"""Sweep: what one model says of many squares of an image, and what that can mean."""

from dataclasses import dataclass

from models.card import Estimate, ModelCard
from models.specs import RegionSpec
from portal.few_groups import few_groups
from portal.figures import numbers
from portal.figures.operating import complement
from portal.figures.tables import Number, Table
from portal.grid import Grid
from portal.region import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an answer is."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One square and its model probability."""

    region: Region
    probability: float  # of the positive label, in [0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The squares of an image that a model was asked about, each like a single upload."""

    card: ModelCard
    spec: RegionSpec  # what models of its modality read at a time
    grid: Grid
    tiles: tuple[Tile, ...]  # in the order of the grid, at least one
    unlike: int  # squares that the gate found unlike the training images, which are left out
    picture: str  # the whole image, reduced and gray, as a ``data:`` address

    def __post_init__(self) -> None:
        if not self.tiles or len(self.tiles) + self.unlike != len(self.grid.regions):
            raise ValueError(
                f"expected {len(self.grid.regions)} squares, received {len(self.tiles)} and "
                f"{self.unlike} left out"
            )

    @property
    def threshold(self) -> float:
        """The probability from which on the model says its positive label, in (0, 1)."""
        return self.card.threshold.value

    @property
    def highest(self) -> Tile:
        """The square with the highest probability, the first of several."""
        return max(self.tiles, key=lambda tile: tile.probability)

    @property
    def reaching(self) -> int:
        """How many squares reach the threshold."""
        return sum(tile.probability >= self.threshold for tile in self.tiles)

    @property
    def counted(self) -> str:
        """The same in words: "3 of 42 squares reach the threshold"."""
        reach = "square reaches" if len(self.tiles) == 1 else "squares reach"
        return f"{self.reaching} of {len(self.tiles)} {reach} the threshold"

    def table(self, sha256: str) -> Table:
        """Every square, with what it takes to find it again: of which file, by which model.

        Args:
            sha256: of the file.
        """
        card, whole = self.card, self.grid.regions[0]
        same: dict[str, Number] = {
            "sha256": sha256,
            "model": card.model,
            "fingerprint": card.fingerprint,
            "threshold": self.threshold,
            "width": whole.width,
            "height": whole.height,
            "side": self.grid.side,
        }
        return Table(
            head=(*same, "left", "top", "probability", "reaches"),
            rows=tuple((*same.values(), *self._measured(tile)) for tile in self.tiles),
        )

    def _measured(self, tile: Tile) -> tuple[int | float, ...]:
        reaches = int(tile.probability >= self.threshold)
        return tile.region.left, tile.region.top, tile.probability, reaches

    @property
    def false_share(self) -> Estimate:
        """Share of negative test images that reached the threshold."""
        return complement(self.card.metrics["test"]["specificity"])

    @property
    def false_alarms(self) -> tuple[int, int, int]:
        """How many of as many negative squares would reach it: about, at least, at most."""
        share, count = self.false_share, len(self.tiles)
        return round(share.value * count), round(share.low * count), round(share.high * count)

    @property
    def meaning(self) -> str:
        """Why a map is no verdict, and where its ranges rest on too little, in sentences."""
        modality, share = self.card.key.modality, self.false_share
        return (
            f"The model was measured on single {self.spec.name}s, of which it called "
            f"{numbers.percent(share.value)} of {modality.spared} {self.card.labels[1]} (95 % "
            f"interval {numbers.percent_interval(share)}). {self._expected}{self._caution}"
        )

    @property
    def _expected(self) -> str:
        if len(self.tiles) == 1:
            return "If this one square showed nothing, it might reach the threshold all the same."
        about, least, most = self.false_alarms
        return (
            f"If none of these {len(self.tiles)} squares showed anything, about {about} ({least} "
            f"to {most}) would be expected to reach the threshold all the same."
        )

    @property
    def _caution(self) -> str:
        few = few_groups(self.card)
        if not few:
            return ""
        if len(self.tiles) == 1:
            return f" The interval rests on {few} only, and is likely too narrow."
        return f" Both ranges rest on {few} only, and are likely too narrow."
