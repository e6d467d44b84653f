"""What a reader knows of its images beside their labels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.subgroup_table import Attribute

Known = Mapping[str, str | float]
"""Key of an attribute -> its value, or the number of a measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that is known of an image; thirds of the training images make subgroups of it."""

    key: str
    title: str
    explanation: str
    unit: str  # "%"

    def borders(self, training: Sequence[float]) -> tuple[float, float]:
        """Where the middle third of the training images begins and ends, with one decimal."""
        low, high = np.quantile(training, (1 / 3, 2 / 3))
        return round(float(low), 1), round(float(high), 1)

    def attribute(self, borders: tuple[float, float]) -> Attribute:
        """The three subgroups between such borders."""
        low, high = borders
        return Attribute(
            key=self.key,
            title=self.title,
            explanation=f"{self.explanation} Its thirds are those of the training images.",
            values=(
                f"small, below {low:.1f} {self.unit}",
                "middle",
                f"large, from {high:.1f} {self.unit}",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is known of a set's images, and the function that reads it."""

    attributes: tuple[Attribute | Measure, ...]  # without values: those that occur, sorted
    read: Callable[[Path, str], Known]  # folder of the set, name of a sample -> what is known
