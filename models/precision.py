"""What a network answers at a lower precision: measured on images, kept beside its checkpoint."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from models.files import replace_file

Precision = Literal["f32", "bf16", "int8"]
"""What networks compute in: 32-bit floats, 16-bit ones with eight bits of fraction, integers."""

LOWER: tuple[Precision, ...] = tuple(name for name in get_args(Precision) if name != "f32")
LARGEST = 0.02  # by which a probability may move
CHANGED = 0.005  # share of decisions that may change
FOLDER = "precisions"  # beside the folder of checkpoints

PROBES = 12  # images that are at hand everywhere, see models.probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a convolution reads.

    A channel whose numbers fill no more than half of the range is doubled before it is rounded,
    and its weights are halved: so it keeps one bit more.
    """

    low: float  # of all channels
    high: float
    doubled: str  # for each channel "1" where it is doubled, otherwise "0"

    def __post_init__(self) -> None:
        if not (self.low <= 0.0 <= self.high and 0.0 < self.high - self.low < math.inf):
            raise ValueError(f"expected a range around 0, received {self.low} to {self.high}")
        if not self.doubled or set(self.doubled) - {"0", "1"}:
            raise ValueError(f"expected a 0 or 1 for each channel, received {self.doubled[:9]!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantisation:
    """What 8-bit integers need to know of a network.

    Rounding moves the logits of a network mostly in one direction: ``shift`` takes that back.
    """

    ranges: Mapping[str, Range]  # of the convolutions that compute in integers, by their names
    shift: float  # added to the logit

    def __post_init__(self) -> None:
        if not math.isfinite(self.shift):
            raise ValueError(f"expected a finite shift, received {self.shift}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """How far a network's answers at one precision are from those at f32."""

    images: int  # of validation and test
    largest: float  # difference of two probabilities
    changed: int  # decisions
    probes: tuple[float, ...]  # the answers to ``models.probes``

    def __post_init__(self) -> None:
        if not (0 <= self.changed <= self.images and self.images > 0):
            raise ValueError(f"expected 0 to {self.images} changes, received {self.changed}")
        if not 0.0 <= self.largest <= 1.0:
            raise ValueError(f"expected a difference in [0, 1], received {self.largest}")
        if len(self.probes) != PROBES:
            raise ValueError(f"expected {PROBES} answers, received {len(self.probes)}")

    @property
    def small(self) -> bool:
        """Whether the precision may be served."""
        return self.largest <= LARGEST and self.changed <= CHANGED * self.images


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionRecord:
    """All that is known of one checkpoint at lower precisions."""

    fingerprint: str  # of the checkpoint's weights
    quantisation: Quantisation
    moves: Mapping[str, Moves]  # precision -> how far answers move

    def __post_init__(self) -> None:
        if set(self.moves) != set(LOWER):
            raise ValueError(f"expected moves at {LOWER}, received {sorted(self.moves)}")

    def to_json(self) -> str:
        """The record as text; the same record gives the same text."""
        return json.dumps(asdict(self), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The record of a text.

        Raises:
            ValueError: it is none.
        """
        try:
            return cls._of(json.loads(text))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("expected a record of precisions") from error

    @classmethod
    def _of(cls, found: Mapping[str, Any]) -> Self:
        ranges = found["quantisation"]["ranges"]
        return cls(
            fingerprint=found["fingerprint"],
            quantisation=Quantisation(
                ranges={name: cls._range(values) for name, values in ranges.items()},
                shift=float(found["quantisation"]["shift"]),
            ),
            moves={
                name: Moves(**{**values, "probes": tuple(map(float, values["probes"]))})
                for name, values in found["moves"].items()
            },
        )

    @staticmethod
    def _range(found: Mapping[str, Any]) -> Range:
        low, high = float(found["low"]), float(found["high"])
        return Range(low=low, high=high, doubled=str(found["doubled"]))


def record_path(checkpoint: Path) -> Path:
    """Where the record of a checkpoint lies: beside the folder of checkpoints, by the same name."""
    folder, modality = checkpoint.parents[1], checkpoint.parent.name
    return folder.parent / FOLDER / modality / f"{checkpoint.stem}.json"


def read(checkpoint: Path) -> PrecisionRecord | None:
    """The record of a checkpoint; None where there is none that can be read."""
    try:
        return PrecisionRecord.from_json(record_path(checkpoint).read_text("utf-8"))
    except (OSError, ValueError):
        return None


def write(checkpoint: Path, record: PrecisionRecord) -> None:
    """Put the record of a checkpoint in its place, whole or not at all."""
    replace_file(record_path(checkpoint), record.to_json().encode())
