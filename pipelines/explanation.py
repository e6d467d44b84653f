"""Explanation: the heat-maps of published models beside the outlines of test images."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import ops

from models import checkpoint
from models.card import ModelCard
from models.catalogue import MODALITIES, ModelKey, model_keys
from models.explanation import Explainer, HeatMap
from models.files import file_sha256
from models.head import last_features
from models.layers import read_layers
from models.mask_agreement import AgreementRecord, MaskAgreement, ModelAgreement
from models.preprocessing import prepare_outline
from pipelines import splitting
from pipelines.datasets import Dataset
from pipelines.errors import NoSplit, PipelineRefused
from pipelines.mask_agreement import mask_agreement
from pipelines.resampling import group_weights
from pipelines.splitting import Assigned

SEED = 11  # of the draws behind intervals
_BATCH = 16


class OtherTestImages(PipelineRefused):
    title = "The model was tested on other images than those that are outlined"
    action = "Measure models of this data set and split, or publish them again."


class TooFewOutlined(PipelineRefused):
    title = "Too few test images to measure heat-maps"
    action = "Publish models of a split with more test images."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlined:
    """The test images of a data set, prepared, and the lesions in them."""

    images: np.ndarray  # (n, 224, 224, 3) float32 RGB in 0..255
    masks: np.ndarray  # (n, 224, 224) bool
    labels: np.ndarray  # (n,) 0 or 1
    groups: np.ndarray  # (n,) names


def measure(dataset: Dataset, data: Path, published: Path) -> AgreementRecord:
    """Look at every published model of a data set's modality.

    Args:
        dataset: one with outlines.
        data: the folder with the data sets.
        published: the folder with ``checkpoints`` and ``splits``.

    Raises:
        NoSplit: none is published for the modality.
        CheckpointRefused, InvalidCard: a model is missing or of no use.
        OtherTestImages: a model was tested on another set or split.
        TooFewOutlined: a label has fewer than two test images.
        DatasetRefused: an image or an outline cannot be read.
    """
    split_file = published / "splits" / f"{dataset.modality}.csv"
    if not split_file.is_file():
        raise NoSplit(expected=f"a split {split_file}", received="none")
    digest = file_sha256(split_file)
    keys = [key for key in model_keys() if key.modality.key == dataset.modality]
    paths = {key: published / "checkpoints" / key.checkpoint for key in keys}
    cards = {key: _card(path, dataset, digest) for key, path in paths.items()}
    outlined = read_outlined_test(dataset, data, split_file)
    return AgreementRecord(
        modality=dataset.modality,
        data=dataset.title,
        split_sha256=digest,
        models={key.slug: _agreement(key, paths[key], cards[key], outlined) for key in keys},
    )


def read_outlined_test(dataset: Dataset, data: Path, split_file: Path) -> Outlined:
    """The test images of a split with their outlines, prepared as for the networks.

    Raises:
        TooFewOutlined: a label has fewer than two.
        DatasetRefused: an image or an outline cannot be read.
    """
    read = dataset.read_outlined
    if read is None:
        raise ValueError(f"expected a data set with outlines, received {dataset.key}")
    rows = [row for row in splitting.read(split_file) if row.part == "test"]
    _require_two_each(rows, MODALITIES[dataset.modality].labels)
    found = [read(dataset.locate(data), row.image) for row in rows]
    prepare = MODALITIES[dataset.modality].prepare
    return Outlined(
        images=np.stack([prepare(pixels) for pixels, _ in found]),
        masks=np.stack([prepare_outline(mask) for _, mask in found]),
        labels=np.array([row.label for row in rows]),
        groups=np.array([row.group for row in rows]),
    )


def _require_two_each(rows: Sequence[Assigned], labels: Sequence[str]) -> None:
    """Refuse test images of which one has no other to be compared with."""
    counts = Counter(row.label for row in rows)
    for label, name in enumerate(labels):
        if counts[label] < 2:
            raise TooFewOutlined(
                expected=f"two test images or more of the label {name}", received=f"{counts[label]}"
            )


def heat_maps(path: Path, images: np.ndarray, threshold: float) -> Iterator[HeatMap]:
    """A heat-map of every image, for the label that a checkpoint says at a threshold.

    The features are those that Keras computes; a portal has them from its own engine.

    Args:
        path: the checkpoint.
        images: (n, 224, 224, 3) float32 RGB in 0..255.
        threshold: from which probability on the positive label is said.

    Yields:
        n heat-maps, in the order of the images.
    """
    explainer = Explainer.read(path)
    (end,) = last_features(read_layers(path, weights_of=()))
    model = checkpoint.open_model(path)
    both = keras.Model(model.inputs[0], [*model.outputs, model.get_layer(end).output])
    for first in range(0, len(images), _BATCH):
        found = both(images[first : first + _BATCH], training=False)
        for probability, features in zip(*map(ops.convert_to_numpy, found), strict=True):
            yield explainer.heat_map(
                features.transpose(2, 0, 1), positive=bool(probability[0] >= threshold)
            )


def _card(path: Path, dataset: Dataset, split_sha256: str) -> ModelCard:
    card = checkpoint.read_card(path)
    if (card.data.name, card.data.split_sha256) != (dataset.title, split_sha256):
        raise OtherTestImages(
            expected=f"{card.model} tested on {dataset.title}, split {split_sha256[:16]}",
            received=f"{card.data.name}, split {card.data.split_sha256[:16]}",
        )
    return card


def _agreement(key: ModelKey, path: Path, card: ModelCard, outlined: Outlined) -> ModelAgreement:
    found = list(heat_maps(path, outlined.images, card.threshold.value))
    weights = group_weights(outlined.labels, outlined.groups, SEED)
    judge = partial(_judged, found, outlined, weights)
    negative, positive = key.modality.labels
    return ModelAgreement(
        fingerprint=card.fingerprint, by_label={positive: judge(1), negative: judge(0)}
    )


def _judged(
    found: Sequence[HeatMap], outlined: Outlined, weights: np.ndarray, label: int
) -> MaskAgreement:
    chosen = np.flatnonzero(outlined.labels == label)
    return mask_agreement(
        [found[int(index)] for index in chosen], outlined.masks[chosen], weights[:, chosen]
    )


def told(record: AgreementRecord) -> Iterator[str]:
    """A line for each model and label, for whoever started the command."""
    for slug, measured in record.models.items():
        for label, one in measured.by_label.items():
            yield (
                f"{slug}, {label} ({one.images}): points into the lesion {one.pointing.value:.2f} "
                f"({one.pointing.low:.2f}-{one.pointing.high:.2f}; random {one.area:.2f}, "
                f"elsewhere {one.pointing_elsewhere:.2f}, middle {one.middle:.2f}), energy "
                f"{one.energy.value:.2f} ({one.energy.low:.2f}-{one.energy.high:.2f}; even "
                f"{one.area:.2f}, elsewhere {one.energy_elsewhere:.2f}), silent {one.silent}"
            )
