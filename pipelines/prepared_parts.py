"""The prepared images of a run by part, and a first look at all of them."""

from collections.abc import Sequence
from typing import Protocol

from pipelines.batches import Prepared


class PreparedParts(Protocol):
    """Images on disk, by the part of the split."""

    def prepared(self, part: str) -> Sequence[Prepared]:
        """The images of a part, in the order of its batches."""


def read_beforehand(data: PreparedParts) -> None:
    """Read the images that training asks for: what a batch raises, TensorFlow hides in its own.

    Raises:
        DamagedPreparation: one is missing or cannot be read.
    """
    for part in ("train", "validation"):
        for image in data.prepared(part):
            image.read(image.path)
