"""What a modality, a backbone and a strategy are: frozen descriptions that check themselves."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Step = Callable[[np.ndarray], np.ndarray]
"""(height, width, 3) uint8 RGB -> (224, 224, 3) float32 RGB in 0..255."""

Mask = Callable[[np.ndarray], np.ndarray]
"""(height, width, 3) uint8 RGB -> (height, width) bool."""

_KEY = re.compile(r"[a-z][a-z0-9]*")


def _require_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(f"expected a key of lower-case letters and digits, received {key!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentationSpec:
    """How far a training image of a modality may be changed without changing its label."""

    rotation: float = 0.0  # degrees, either way
    zoom: float = 0.0  # largest share of the width that a crop takes away
    horizontal_flip: bool = False
    vertical_flip: bool = False
    brightness: float = 0.0  # share of full scale, either way
    contrast: float = 0.0  # share, either way
    hue: float = 0.0  # share of the colour circle, either way
    saturation: float = 0.0  # share, either way

    def __post_init__(self) -> None:
        for name in ("zoom", "brightness", "contrast", "hue", "saturation"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"expected {name} in [0, 1), received {getattr(self, name)}")
        if not 0.0 <= self.rotation <= 180.0:
            raise ValueError(f"expected rotation in [0, 180] degrees, received {self.rotation}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSpec:
    """The square of an image that models of a modality read at a time.

    What is larger than two such squares side by side is a whole of which a reader chooses a part.
    """

    side: int  # pixels, as the training images were cut
    name: str  # in a sentence: "region"
    whole: str  # what it is cut from, in a sentence: "film"
    background: str  # of the whole, in a sentence: "black film"
    foreground: Mask  # where the whole shows what models learnt from
    least_foreground: float  # share of a square from which on it is worth asking about
    pixel_mm: float | None = None  # of the training images; None: not known
    whole_mm: float | None = None  # longest side of a whole; None: not known

    def __post_init__(self) -> None:
        if self.side < 1:
            raise ValueError(f"expected a side of at least 1 pixel, received {self.side}")
        if not 0.0 < self.least_foreground <= 1.0:
            raise ValueError(f"expected a share in (0, 1], received {self.least_foreground}")

    @property
    def side_mm(self) -> float | None:
        """Length of a side that models learnt from; None where nobody knows."""
        return None if self.pixel_mm is None else self.side * self.pixel_mm

    def side_in(self, spacing: float | None) -> int:
        """Pixels of a side of that length in an image of a pixel spacing in mm, where known."""
        if spacing is None or self.side_mm is None:
            return self.side
        return round(self.side_mm / spacing)

    def largest_in(self, spacing: float | None) -> int:
        """Pixels of the longer side up to which such an image is read as one region."""
        return 2 * self.side_in(spacing)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalitySpec:
    """One breast-imaging modality, from upload to report."""

    key: str  # in URLs and folders: "ultrasound"
    title: str  # what the reader sees: "Ultrasound"
    dicom_modality: str  # DICOM Modality (0008,0060): "US"
    labels: tuple[str, str]  # (negative, positive), in the order of the model's probability
    found: str  # the positive class in a sentence: "malignant lesions"
    spared: str  # the negative class in a sentence: "benign lesions"
    summary: str  # one sentence for the modality's page
    upload: str  # what one may upload, one sentence
    prepare: Step  # the modality's own image step, see models.preprocessing
    prepared_by: tuple[str, ...]  # the same step in words, one entry per operation
    augmentation: AugmentationSpec
    region: RegionSpec | None = None  # None: images are read whole, however large

    def __post_init__(self) -> None:
        _require_key(self.key)
        if len(self.labels) != 2 or self.labels[0] == self.labels[1]:
            raise ValueError(f"expected two different labels, received {self.labels}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneSpec:
    """One convolutional trunk of ``keras.applications`` and the input its weights expect."""

    key: str  # in URLs and folders: "resnet"
    title: str  # what the reader sees: "ResNet50"
    application: str  # the name in keras.applications: "ResNet50"
    unfreeze: tuple[str, ...]  # prefixes of the layers that fine-tuning may train
    scale: tuple[float, float, float]  # per RGB channel, applied first
    offset: tuple[float, float, float]  # per RGB channel, added next
    channel_order: Literal["RGB", "BGR"]  # of the published ImageNet weights

    def __post_init__(self) -> None:
        _require_key(self.key)
        if not self.unfreeze:
            raise ValueError(f"expected at least one block to unfreeze for {self.title}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySpec:
    """One way of training a network."""

    key: str  # in URLs and folders: "finetuned"
    title: str  # what the reader sees: "Progressive fine-tuning"
    summary: str  # one sentence
    staged: bool  # True: the backbone is frozen first, then partly unfrozen

    def __post_init__(self) -> None:
        _require_key(self.key)
