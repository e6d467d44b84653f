"""Schooling: lessons are drawn once, then each backbone learns from them and becomes a file."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import h5py
import keras

from models import checkpoint
from models.catalogue import MODALITIES
from models.files import replace_file
from pipelines import run_folder
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.errors import OtherRun
from pipelines.first_weights import SPLITS
from pipelines.teacher import Lessons, open_teacher, write_lessons
from pipelines.trunk import PLANS, TrunkPlan, TrunkSchool

PIXELS = 112  # side of the images that are kept
_SETTINGS = "settings"  # attribute of a trunk's file: fingerprint of all that decided it


class School:
    """The trunks of one folder. Run again after a kill, it goes on where it was."""

    def __init__(
        self, modules: Sequence[DataModule], teacher: str, folder: Path, *, count: int
    ) -> None:
        """Nothing is drawn yet.

        Args:
            modules: one data set of every modality; only their training images are used.
            teacher: "imagenet", or a weights file of MobileNetV2.
            folder: where trunks and lessons lie.
            count: lessons of every modality.
        """
        self._modules, self._folder, self._count = modules, folder, count
        self._teacher = teacher
        self._lessons: Lessons | None = None

    def teach(
        self, config: Config, plan: TrunkPlan | None = None, *, restart: bool = False
    ) -> Path:
        """Bring a backbone's trunk to its file; one that is there already is left alone.

        Args:
            config: its backbone, seed, precision, size of image and batch-norm momentum count.
            plan: how long the backbone learns; its own plan is the default.
            restart: begin again where there is a trunk of other settings.

        Returns:
            ``<folder>/<backbone>.h5``.

        Raises:
            OtherRun: there is a trunk of other settings.
            InitUnavailable: the teacher cannot be had.
        """
        plan = plan or PLANS[config.backbone]
        file, work = self._folder / f"{config.backbone}.h5", self._folder / config.backbone
        settings = self._settings(config, plan)
        try:
            _refuse_other(file, settings)
            run_folder.claim(work, {"settings": settings})
        except OtherRun:
            if not restart:
                raise
            file.unlink(missing_ok=True)
            run_folder.forget(work)
            run_folder.claim(work, {"settings": settings})
        if not file.is_file():
            network = TrunkSchool(config, self._drawn(), work, plan).run()
            self._write(network, settings, file)
            keras.utils.clear_session()  # or memory grows with every network
        run_folder.forget(work)
        return file

    def _settings(self, config: Config, plan: TrunkPlan) -> str:
        """Fingerprint of all that decides a trunk."""
        names = ("backbone", "seed", "pixels", "precision", "batch_norm_momentum")
        chosen = {name: getattr(config, name) for name in names}
        return _fingerprint({**chosen, "plan": asdict(plan), "lessons": self._source()})

    def _source(self) -> str:
        """Fingerprint of all that decides the lessons."""
        parts = [
            {
                "dataset": module.config.dataset,
                "split": module.summary().split_sha256,
                "images": module.names("train"),
                "seed": module.config.seed,
                "batches": (module.config.batch_size, module.config.balance),
                "augmentation": asdict(MODALITIES[module.config.modality].augmentation),
            }
            for module in self._modules
        ]
        own = self._teacher != "imagenet"
        teacher = checkpoint.file_sha256(Path(self._teacher)) if own else self._teacher
        return _fingerprint(
            {"teacher": teacher, "count": self._count, "pixels": PIXELS, "parts": parts}
        )

    def _drawn(self) -> Lessons:
        """The lessons, from memory, from their file, or drawn now and kept in it."""
        if self._lessons is None:
            file, note = self._folder / "lessons.npz", self._folder / "lessons.txt"
            source = self._source()
            if not (file.is_file() and note.is_file() and note.read_text("utf-8") == source):
                note.unlink(missing_ok=True)  # it is true of a whole file only
                teacher = open_teacher(self._teacher)
                write_lessons(self._modules, teacher, count=self._count, pixels=PIXELS).save(file)
                replace_file(note, source.encode())
            self._lessons = Lessons.load(file)
        return self._lessons

    def _write(self, network: keras.Model, settings: str, file: Path) -> None:
        """Write a plain Keras file that names the splits behind it, whole or not at all."""
        partial = file.with_name(f"part-{file.name}")
        checkpoint.save_plain(network, partial)
        splits = {module.dataset.title: module.summary().split_sha256 for module in self._modules}
        with h5py.File(partial, "a") as content:
            content.attrs[_SETTINGS] = settings
            content.attrs[SPLITS] = json.dumps(splits, sort_keys=True)
        partial.replace(file)


def _refuse_other(file: Path, settings: str) -> None:
    if not file.is_file():
        return
    with h5py.File(file, "r") as content:
        if content.attrs.get(_SETTINGS) != settings:
            raise OtherRun(
                expected=f"a trunk of the same data, teacher and settings in {file}",
                received="another",
            )


def _fingerprint(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
