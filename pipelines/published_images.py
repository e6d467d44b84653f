"""The prepared images behind a published model, by the part that its split gave them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.files import file_sha256
from pipelines import splitting
from pipelines.datasets import Dataset
from pipelines.errors import PipelineRefused
from pipelines.extraction import prepared_folder, read_extraction
from pipelines.image_store import read_image


class OtherImages(PipelineRefused):
    title = "The prepared images are not those of the published model"
    action = "Prepare the data set that the model's card names, or name it with `--dataset`."


@dataclass(frozen=True, slots=True)
class Images:
    """Prepared images of some files, read anew each time they are gone through.

    Items are (1, 224, 224, 3) float32 RGB in 0..255.
    """

    paths: Sequence[Path]

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[np.ndarray]:
        for path in self.paths:
            yield read_image(path)[np.newaxis].astype(np.float32)

    def drawn(self, count: int, seed: int) -> "Images":
        """At most ``count`` of them, always the same ones for a seed."""
        order = np.random.default_rng(seed).permutation(len(self.paths))[:count]
        return Images([self.paths[index] for index in sorted(order)])


def published_images(
    card: ModelCard, dataset: Dataset, work: Path, splits: Path, parts: Sequence[str]
) -> Images:
    """The images of some parts of a published model's split.

    Args:
        card: the model's.
        dataset: the one it was trained on.
        work: the folder below which that is prepared.
        splits: the folder of published splits.
        parts: such as ``("validation", "test")``.

    Raises:
        NotPrepared: the data set is not below ``work`` yet.
        OtherImages: the split is not the card's, or one of its images is not prepared.
    """
    split = splits / f"{card.key.modality.key}.csv"
    found = file_sha256(split) if split.is_file() else "none"
    if found != card.data.split_sha256:
        raise OtherImages(
            expected=f"{split.name} with SHA-256 {card.data.split_sha256[:12]}...",
            received=f"{found[:12]}",
        )
    folder = prepared_folder(dataset, work)
    places = {image.name: image.path for image in read_extraction(folder).images if image.primary}
    names = [row.image for row in splitting.read(split) if row.part in parts]
    missing = [name for name in names if name not in places]
    if missing:
        raise OtherImages(expected=f"the image {missing[0]} in {folder}", received="none")
    return Images([places[name] for name in names])
