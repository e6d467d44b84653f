"""The only list of what exists: modalities, backbones, strategies, and the models they make.

Routes, pages, commands and tests are derived from here: a new entry needs no other edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TypeVar

from models import foreground, preprocessing
from models.errors import Refusal
from models.specs import AugmentationSpec, BackboneSpec, ModalitySpec, RegionSpec, StrategySpec

Spec = TypeVar("Spec", ModalitySpec, BackboneSpec, StrategySpec)


class UnknownEntry(Refusal):
    title = "The catalogue has no such entry"
    action = "Use one of the names listed."


def _by_key(*entries: Spec) -> Mapping[str, Spec]:
    table = {entry.key: entry for entry in entries}
    if len(table) != len(entries):
        raise ValueError(f"expected different keys, received {[entry.key for entry in entries]}")
    return MappingProxyType(table)


MODALITIES = _by_key(
    ModalitySpec(
        key="mammography",
        title="Mammography",
        dicom_modality="MG",
        labels=("No Tumor", "Tumor Detected"),
        found="abnormal regions",
        spared="normal regions",
        summary="Square regions cut from a mammogram at full resolution: normal or abnormal.",
        upload="A square region of about 5 cm, cut from a mammogram at full resolution.",
        prepare=preprocessing.prepare_mammography,
        prepared_by=("converted to gray", "resized to 224 x 224 pixels"),
        augmentation=AugmentationSpec(
            rotation=180.0,
            zoom=0.25,
            horizontal_flip=True,
            vertical_flip=True,
            brightness=0.05,
            contrast=0.10,
        ),
        region=RegionSpec(
            side=256,
            name="region",
            whole="film",
            background="black film",
            foreground=foreground.film_mask,
            least_foreground=0.5,
            pixel_mm=0.2,  # so that a side is 5.1 cm
            whole_mm=300.0,
        ),
    ),
    ModalitySpec(
        key="ultrasound",
        title="Ultrasound",
        dicom_modality="US",
        labels=("Benign", "Malignant"),
        found="malignant lesions",
        spared="benign lesions",
        summary="B-mode images of a breast lesion: benign or malignant.",
        upload="One B-mode image of a breast lesion, as the scanner exports it.",
        prepare=preprocessing.prepare_ultrasound,
        prepared_by=(
            "converted to gray",
            "denoised with a median filter",
            "resized to 224 x 224 pixels",
            "contrast equalised locally (CLAHE)",
        ),
        augmentation=AugmentationSpec(
            rotation=10.0, zoom=0.25, horizontal_flip=True, brightness=0.10, contrast=0.10
        ),
    ),
    ModalitySpec(
        key="histopathology",
        title="Histopathology",
        dicom_modality="SM",
        labels=("Benign", "Malignant"),
        found="malignant tiles",
        spared="benign tiles",
        summary="Tiles of tissue stained with haematoxylin and eosin: benign or malignant.",
        upload="One square tile of 224 pixels from a breast section stained with haematoxylin and "
        "eosin, in which nuclei are some 15 to 20 pixels wide.",
        prepare=preprocessing.prepare_histopathology,
        prepared_by=(
            "resized to 224 x 224 pixels",
            "stain normalised (Macenko)",
        ),
        augmentation=AugmentationSpec(
            rotation=90.0,
            horizontal_flip=True,
            vertical_flip=True,
            hue=0.05,
            saturation=0.10,
            brightness=0.10,
        ),
        region=RegionSpec(
            side=224,
            name="tile",
            whole="slide image",
            background="bare glass",
            foreground=foreground.tissue_mask,
            least_foreground=0.3,  # as for the training tiles
        ),
    ),
)

_CAFFE_MEAN = (123.68, 116.779, 103.939)  # RGB; keras.applications.imagenet_utils, mode "caffe"
_TORCH_MEAN = (0.485, 0.456, 0.406)  # RGB; the same file, mode "torch"
_TORCH_STD = (0.229, 0.224, 0.225)


def _negated(mean: tuple[float, float, float]) -> tuple[float, float, float]:
    return (-mean[0], -mean[1], -mean[2])


BACKBONES = _by_key(
    BackboneSpec(
        key="resnet",
        title="ResNet50",
        application="ResNet50",
        unfreeze=("conv4", "conv5"),
        scale=(1.0, 1.0, 1.0),
        offset=_negated(_CAFFE_MEAN),
        channel_order="BGR",
    ),
    BackboneSpec(
        key="vgg",
        title="VGG16",
        application="VGG16",
        unfreeze=("block5",),
        scale=(1.0, 1.0, 1.0),
        offset=_negated(_CAFFE_MEAN),
        channel_order="BGR",
    ),
    BackboneSpec(
        key="densenet",
        title="DenseNet121",
        application="DenseNet121",
        unfreeze=("conv4", "conv5"),
        scale=(1 / (255 * _TORCH_STD[0]), 1 / (255 * _TORCH_STD[1]), 1 / (255 * _TORCH_STD[2])),
        offset=(
            -_TORCH_MEAN[0] / _TORCH_STD[0],
            -_TORCH_MEAN[1] / _TORCH_STD[1],
            -_TORCH_MEAN[2] / _TORCH_STD[2],
        ),
        channel_order="RGB",
    ),
)

STRATEGIES = _by_key(
    StrategySpec(
        key="initial",
        title="Initially unfrozen",
        summary="All layers learn from the start; batch norms may stay fixed.",
        staged=False,
    ),
    StrategySpec(
        key="finetuned",
        title="Progressive fine-tuning",
        summary="The head learns on a frozen backbone first, then also the deepest blocks, "
        "whose batch norms may stay fixed.",
        staged=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKey:
    """Which of the catalogue's models: one backbone, one modality, one strategy."""

    backbone: BackboneSpec
    modality: ModalitySpec
    strategy: StrategySpec

    @property
    def slug(self) -> str:
        """The model's name in URLs and commands: ``vgg_ultrasound_finetuned``."""
        return f"{self.backbone.key}_{self.modality.key}_{self.strategy.key}"

    @property
    def title(self) -> str:
        """The model's name for a reader."""
        return (
            f"{self.backbone.title}, {self.modality.title.lower()}, {self.strategy.title.lower()}"
        )

    @property
    def short_title(self) -> str:
        """The same where the modality is known: ``VGG16, initially unfrozen``."""
        return f"{self.backbone.title}, {self.strategy.title.lower()}"

    @property
    def checkpoint(self) -> PurePosixPath:
        """The checkpoint's place below the checkpoint folder."""
        return PurePosixPath(self.modality.key, f"{self.backbone.key}_{self.strategy.key}.h5")

    def __str__(self) -> str:
        return self.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The models that may be compared: same modality, same strategy, every backbone."""

    modality: ModalitySpec
    strategy: StrategySpec

    @property
    def slug(self) -> str:
        """The cohort's name in URLs: ``compare_ultrasound_initial``."""
        return f"compare_{self.modality.key}_{self.strategy.key}"

    @property
    def title(self) -> str:
        """The cohort's name for a reader."""
        return f"{self.modality.title}, {self.strategy.title.lower()}"

    @property
    def summary(self) -> str:
        """What its models have in common, one sentence."""
        return self.strategy.summary

    @property
    def keys(self) -> tuple[ModelKey, ...]:
        """The cohort's models, in the catalogue's order of backbones."""
        return tuple(
            ModelKey(backbone=backbone, modality=self.modality, strategy=self.strategy)
            for backbone in BACKBONES.values()
        )

    def __str__(self) -> str:
        return self.slug


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeModality:
    """All models of one modality, however they were trained."""

    modality: ModalitySpec

    @property
    def slug(self) -> str:
        """The name in URLs: ``compare_ultrasound``."""
        return f"compare_{self.modality.key}"

    @property
    def title(self) -> str:
        """The name for a reader."""
        return f"{self.modality.title}, all models"

    @property
    def summary(self) -> str:
        """What its models have in common, one sentence."""
        return "Every network, trained in every way."

    @property
    def keys(self) -> tuple[ModelKey, ...]:
        """The modality's models, by strategy, then backbone."""
        return tuple(
            key
            for strategy in STRATEGIES.values()
            for key in Cohort(modality=self.modality, strategy=strategy).keys
        )

    def __str__(self) -> str:
        return self.slug


Comparison = Cohort | WholeModality
"""Models that answer one upload together."""


def comparisons() -> tuple[Comparison, ...]:
    """Every comparison, by modality: its cohorts, then all its models."""
    found: list[Comparison] = []
    for modality in MODALITIES.values():
        found += (cohort for cohort in cohorts() if cohort.modality == modality)
        found.append(WholeModality(modality=modality))
    return tuple(found)


def cohorts() -> tuple[Cohort, ...]:
    """Every cohort, by modality, then strategy."""
    return tuple(
        Cohort(modality=modality, strategy=strategy)
        for modality in MODALITIES.values()
        for strategy in STRATEGIES.values()
    )


def model_keys() -> tuple[ModelKey, ...]:
    """Every model, by modality, then strategy, then backbone."""
    return tuple(key for cohort in cohorts() for key in cohort.keys)


def find(table: Mapping[str, Spec], key: str, kind: str) -> Spec:
    """The entry of a catalogue table.

    Raises:
        UnknownEntry: there is no such key; the message lists those there are.
    """
    if key not in table:
        raise UnknownEntry(expected=f"a {kind}: {', '.join(table)}", received=repr(key))
    return table[key]


def find_model(slug: str) -> ModelKey:
    """The model of a name such as ``vgg_ultrasound_finetuned``.

    Raises:
        UnknownEntry: the name is none of the catalogue's.
    """
    for key in model_keys():
        if key.slug == slug:
            return key
    names = ", ".join(key.slug for key in model_keys())
    raise UnknownEntry(expected=f"a model: {names}", received=repr(slug))
