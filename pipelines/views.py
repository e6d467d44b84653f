"""Views: strongly changed training images, and what a teacher sees in them, drawn once and kept."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np

from models.specs import AugmentationSpec
from pipelines.batches import TrainingBatches
from pipelines.data_module import DataModule
from pipelines.progress import progress
from pipelines.teacher import SIDE, WEIGHTS, Teacher

PIXELS = 112  # side of a view as it is kept; the teacher looks at one of 224


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPlan:
    """How many views are drawn."""

    parts: int = 24  # files
    batch: int = 50  # images at which the teacher looks at once
    share: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {"mammography": 250, "ultrasound": 500, "histopathology": 250}
        )
    )  # views of a modality in a part, half of them positive
    usual_share: int = 250  # of a modality that is not named


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """n views. ``column`` is the place of a view's modality among those that are taught."""

    images: np.ndarray  # (n, 112, 112, 3) uint8 RGB
    column: np.ndarray  # (n,) int64
    labels: np.ndarray  # (n,) float32
    groups: np.ndarray  # (n,) names
    fine: np.ndarray  # (n, 14, 14, 96) float16
    coarse: np.ndarray  # (n, 7, 7, 320) float16
    pooled: np.ndarray  # (n, 1280) float16


def widened(spec: AugmentationSpec) -> AugmentationSpec:
    """Limits for images whose label need not stay visible: any part, any light."""
    return replace(
        spec,
        rotation=180.0 if spec.vertical_flip else max(spec.rotation, 30.0),
        zoom=0.6,
        brightness=0.15,
        contrast=0.3,
        hue=0.08 if spec.hue else 0.0,
        saturation=0.3 if spec.saturation else 0.0,
    )


class Views:
    """The views of some data sets in a folder; run again after a kill, drawing goes on."""

    def __init__(
        self, modules: Sequence[DataModule], folder: Path, plan: ViewPlan | None = None
    ) -> None:
        """Nothing is drawn yet.

        Args:
            modules: one data set of every modality, of which training images are shown.
            folder: where views lie, those of other settings beside them.
            plan: how many views.
        """
        self._modules, self._plan = modules, plan or ViewPlan()
        told = json.dumps(self.settings(), sort_keys=True)
        self._folder = folder / hashlib.sha256(told.encode()).hexdigest()[:16]

    def settings(self) -> dict[str, object]:
        """All that decides the views, as JSON can hold it."""
        return {
            "teacher": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
            "parts": self._plan.parts,
            "batch": self._plan.batch,
            "shown": [{**one.shown(), "views": self._share(one)} for one in self._modules],
        }

    def _share(self, module: DataModule) -> int:
        return self._plan.share.get(module.config.modality, self._plan.usual_share)

    def draw(self) -> None:
        """Draw what is missing, with a line of progress."""
        missing = [number for number in range(self._plan.parts) if not self._file(number).is_file()]
        if not missing:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        teacher, batches = Teacher(), [self._batches(module) for module in self._modules]
        for number in progress(missing, "Asking the teacher about views", "part"):
            self._write(number, self._drawn(number, batches, teacher))

    def _batches(self, module: DataModule) -> TrainingBatches:
        images = [
            replace(image, augmentation=widened(image.augmentation))
            for image in module.prepared("train")
        ]
        return TrainingBatches(
            images,
            pixels=SIDE,
            batch_size=self._plan.batch,
            steps=self._share(module) // self._plan.batch,
            balanced=True,
            seed=module.config.seed,
        )

    def _drawn(
        self, number: int, batches: Sequence[TrainingBatches], teacher: Teacher
    ) -> dict[str, np.ndarray]:
        """One part, drawn as if it were an epoch."""
        rows: list[dict[str, np.ndarray]] = []
        for column, (module, own) in enumerate(zip(self._modules, batches, strict=True)):
            own.start(number)
            groups = module.groups("train")
            for index in range(len(own)):
                images, labels = own[index]
                seen = teacher.see(images)
                rows.append(
                    {
                        "images": np.stack([_small(image) for image in images]),
                        "column": np.full(len(images), column),
                        "labels": labels[:, 0],
                        "groups": groups[own.chosen(index)],
                        "fine": seen.fine,
                        "coarse": seen.coarse,
                        "pooled": seen.pooled,
                    }
                )
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:03d}.npz"

    def _write(self, number: int, part: Mapping[str, np.ndarray]) -> None:
        partial = self._folder / "part.npz"
        np.savez(partial, allow_pickle=False, **part)
        partial.replace(self._file(number))

    def __iter__(self) -> Iterator[Part]:
        for number in range(self._plan.parts):
            with np.load(self._file(number), allow_pickle=False) as arrays:
                yield Part(**arrays)


def _small(image: np.ndarray) -> np.ndarray:
    shrunk = cv2.resize(image, (PIXELS, PIXELS), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(shrunk), dtype=np.uint8)
