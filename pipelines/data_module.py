"""DataModule: a prepared data set -> leak-checked split -> batches."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path

import numpy as np

from models.card import DataSummary
from models.catalogue import MODALITIES, find
from pipelines import splitting
from pipelines.batches import EvaluationBatches, Prepared, TrainingBatches
from pipelines.config import Config
from pipelines.datasets import Dataset, find_dataset
from pipelines.errors import InvalidConfig
from pipelines.extraction import Extracted, Extraction, extract, prepared_folder, read_extraction
from pipelines.image_store import DamagedPreparation, ImageStore

CHOICE = "choice"
"""All crops of the validation findings: thresholds and calibration are chosen by these."""


def prepare(dataset: Dataset, source: Path, work: Path, *, skip_unreadable: bool) -> Extraction:
    """Extract a data set below the work folder; a prepared one is left alone."""
    return extract(dataset, source, prepared_folder(dataset, work), skip_unreadable=skip_unreadable)


class DataModule:
    """The images of one run: split by group, never leaking, served in batches."""

    def __init__(self, config: Config, work: Path) -> None:
        """Read the prepared data set and split it as ``config`` says.

        Raises:
            NotPrepared: the data set is not below ``work`` yet.
            PreparedOtherwise: its images are not as serving prepares them.
            InvalidConfig: the data set is of another modality.
            SplitImpossible: there are too few groups.
            LeakingSplit: a group came to lie on two sides.
        """
        self.config = config
        self.dataset = find_dataset(config.dataset)
        if self.dataset.modality != config.modality:
            raise InvalidConfig(
                expected=f"a data set of {config.modality}",
                received=f"{self.dataset.key}, which is {self.dataset.modality}",
                action="Pass another `--dataset`.",
            )
        self._extraction = read_extraction(prepared_folder(self.dataset, work))
        self._images = _limited(self._extraction.images, config.limit, config.seed)
        self._store = ImageStore()
        self.split = self._split()
        splitting.refuse_leaks(self.split)

    def _split(self) -> tuple[splitting.Assigned, ...]:
        primary = [image for image in self._images if image.primary]
        return splitting.split(
            [image.name for image in primary],
            [image.label for image in primary],
            [image.group for image in primary],
            validation_share=self.config.validation_share,
            test_share=self.config.test_share,
            seed=self.config.seed,
        )

    @cached_property
    def _part_of_group(self) -> Mapping[str, str]:
        return {row.group: row.part for row in self.split}

    def _of(self, part: str) -> list[Extracted]:
        """The images of a part; further crops of a finding train, and choose beside their first."""
        side, of = self._part_of_group, "validation" if part == CHOICE else part
        own = [image for image in self._images if side.get(image.group) == of]
        primary = {(image.group, image.label) for image in own if image.primary}
        return [
            image
            for image in own
            if image.primary
            or part == "train"
            or (part == CHOICE and (image.group, image.label) in primary)
        ]

    def prepared(self, part: str) -> list[Prepared]:
        """The images of a part on disk, in the order of its batches."""
        augmentation = find(MODALITIES, self.config.modality, "modality").augmentation
        return [
            Prepared(
                path=image.path,
                label=image.label,
                augmentation=augmentation,
                read=self._store.read,
            )
            for image in self._of(part)
        ]

    def training(self, pixels: int, *, steps: int | None = None) -> TrainingBatches:
        """Augmented, seeded, shuffled batches of the training images.

        Args:
            pixels: side of the images.
            steps: batches of an epoch, where it is not the configuration's number.
        """
        return TrainingBatches(
            self.prepared("train"),
            pixels=pixels,
            batch_size=self.config.batch_size,
            steps=steps or self.config.steps_per_epoch,
            balanced=self.config.balance == "batches",
            seed=self.config.seed,
        )

    def evaluation(self, part: str, pixels: int = 224) -> EvaluationBatches:
        """Unshuffled batches of ``validation``, ``test`` or ``CHOICE``."""
        return EvaluationBatches(
            self.prepared(part), pixels=pixels, batch_size=self.config.batch_size
        )

    def labels(self, part: str) -> np.ndarray:
        """(n,) uint8 labels of a part, in the order of its batches."""
        return np.array([image.label for image in self._of(part)], dtype=np.uint8)

    def groups(self, part: str) -> np.ndarray:
        """(n,) group names of a part, in the order of its batches."""
        return np.array([image.group for image in self._of(part)])

    def weights(self, part: str) -> np.ndarray:
        """(n,) float64 in (0, 1]: a group's images of a label count as its primary ones do.

        They are float32 numbers, as the file of predictions holds them.
        """
        found = [((image.group, image.label), image.primary) for image in self._of(part)]
        every = Counter(kind for kind, _ in found)
        primary = Counter(kind for kind, first in found if first)
        shares = [primary[kind] / every[kind] for kind, _ in found]
        return np.array(shares, dtype=np.float32).astype(np.float64)

    def names(self, part: str) -> tuple[str, ...]:
        """Image names of a part, in the order of its batches."""
        return tuple(image.name for image in self._of(part))

    @cached_property
    def images_sha256(self) -> str:
        """SHA-256 of the prepared files, one after another.

        Raises:
            DamagedPreparation: one is missing.
        """
        found = hashlib.sha256()
        for image in self._images:
            try:
                found.update(image.path.read_bytes())
            except OSError as error:
                raise DamagedPreparation(image.path, self._extraction.folder) from error
        return found.hexdigest()

    def shown(self) -> dict[str, object]:
        """All that decides the training images of an epoch but their batches; JSON can hold it."""
        return {
            "dataset": self.config.dataset,
            "split": self.summary().split_sha256,
            "images": self.names("train"),
            "files": self.images_sha256,
            "seed": self.config.seed,
            "augmentation": asdict(MODALITIES[self.config.modality].augmentation),
        }

    def class_weights(self) -> dict[int, float]:
        """{0: 1, 1: negatives / positives} of the training images."""
        labels = self.labels("train")
        positive = int(labels.sum())
        return {0: 1.0, 1: (len(labels) - positive) / positive}

    def summary(self) -> DataSummary:
        """What the card says of the data."""
        skipped = self._extraction.unreadable
        return DataSummary(
            name=self.dataset.title,
            citation=self.dataset.citation,
            terms=self.dataset.terms,
            unit=self.dataset.unit,
            group=self.dataset.group,
            counts={part: self._counts(part) for part in splitting.PARTS},
            groups={part: len(set(self.groups(part))) for part in splitting.PARTS},
            split_file=f"models/splits/{self.config.modality}.csv",
            split_sha256=splitting.sha256(self.split),
            set_aside=(
                *self.dataset.set_aside,
                *(f"{name}: {why}" for name, why in self._extraction.set_aside.items()),
                *(f"{name} could not be read: {why}" for name, why in skipped.items()),
            ),
        )

    def _counts(self, part: str) -> tuple[int, int]:
        """Images by label; further crops count where they train only."""
        labels = [image.label for image in self._of(part) if image.primary or part == "train"]
        return len(labels) - sum(labels), sum(labels)


def _limited(images: tuple[Extracted, ...], limit: int | None, seed: int) -> tuple[Extracted, ...]:
    """At most ``limit`` primary images of each class, and the further ones of their findings.

    They are drawn with the seed; the order is kept.
    """
    if limit is None:
        return images
    random = np.random.default_rng(seed)
    primary = [index for index, image in enumerate(images) if image.primary]
    labels = np.array([images[index].label for index in primary])
    classes = [random.permutation(np.flatnonzero(labels == label))[:limit] for label in (0, 1)]
    kept = {primary[place] for place in np.concatenate(classes)}
    findings = {(images[index].group, images[index].label) for index in kept}
    return tuple(
        image
        for index, image in enumerate(images)
        if index in kept or (not image.primary and (image.group, image.label) in findings)
    )
