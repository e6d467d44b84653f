"""Schooling: each backbone learns from the images of a lesson and becomes a file."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import h5py
import keras

from models import checkpoint
from pipelines import run_folder
from pipelines.config import Config
from pipelines.errors import DamagedRun, OtherRun
from pipelines.first_weights import SPLITS
from pipelines.lesson import Lesson
from pipelines.trunk import TrunkSchool
from pipelines.trunk_plan import TrunkPlan
from pipelines.turn import turn_in

_DECIDING = (
    "backbone",
    "seed",
    "pixels",
    "precision",
    "batch_norm_momentum",
    "weight_decay",
    "sparsity",
)
_SETTINGS = "settings"  # attribute of a trunk's file: fingerprint of all that decided it


class School:
    """The trunks of one folder. Run again after a kill, it goes on where it was."""

    def __init__(self, lesson: Lesson, folder: Path) -> None:
        """Nothing is taught yet.

        Args:
            lesson: what is taught.
            folder: where trunks lie.
        """
        self._lesson, self._folder = lesson, folder

    def teach(
        self, config: Config, plan: TrunkPlan | None = None, *, restart: bool = False
    ) -> Path:
        """Bring a backbone's trunk to its file; one that is there already is left alone.

        Args:
            config: its backbone, seed, and how it computes; see ``_DECIDING``.
            plan: how long the backbone learns; its own plan is the default.
            restart: begin again where there is a trunk of other settings.

        Returns:
            ``<folder>/<backbone>.h5``.

        Raises:
            OtherRun: there is a trunk of other settings.
            DamagedRun: what is there cannot be read, or not whole.
            FolderInUse: another command teaches it.
            FolderRefused: the folder cannot be made.
            NoPlan: nobody said how long the backbone learns.
            InitUnavailable: there are no such first weights.
            DamagedPreparation, Diverged: as of ``TrunkSchool``.
        """
        plan = plan or self._lesson.plan(config.backbone)
        with turn_in(self._folder / config.backbone):
            return self._teach(config, plan, restart=restart)

    def _teach(self, config: Config, plan: TrunkPlan, *, restart: bool) -> Path:
        file, work = self._folder / f"{config.backbone}.h5", self._folder / config.backbone
        settings = self._settings(config, plan)
        try:
            _refuse_other(file, settings)
            run_folder.claim(work, {"settings": settings})
        except (OtherRun, DamagedRun):
            if not restart:
                raise
            file.unlink(missing_ok=True)
            run_folder.forget(work)
            run_folder.claim(work, {"settings": settings})
        if not file.is_file():
            network = TrunkSchool(config, self._lesson, work, plan).run()
            self._write(network, settings, file)
            keras.utils.clear_session()  # or memory grows with every network
        run_folder.forget(work)
        return file

    def _settings(self, config: Config, plan: TrunkPlan) -> str:
        """Fingerprint of all that decides a trunk."""
        chosen = {name: getattr(config, name) for name in _DECIDING}
        parts = self._lesson.settings()
        return _fingerprint({**chosen, "plan": asdict(plan), "parts": parts})

    def _write(self, network: keras.Model, settings: str, file: Path) -> None:
        """Write a plain Keras file that names the splits behind it, whole or not at all."""
        partial = file.with_name(f"part-{file.name}")
        checkpoint.save_plain(network, partial)
        splits = {
            module.dataset.title: module.summary().split_sha256 for module in self._lesson.modules
        }
        with h5py.File(partial, "a") as content:
            content.attrs[_SETTINGS] = settings
            content.attrs[SPLITS] = json.dumps(splits, sort_keys=True)
        partial.replace(file)


def _refuse_other(file: Path, settings: str) -> None:
    if not file.is_file():
        return
    try:
        with h5py.File(file, "r") as content:
            found = content.attrs.get(_SETTINGS)
    except OSError as error:
        raise DamagedRun(file, file) from error
    if found != settings:
        raise OtherRun(
            expected=f"a trunk of the same data and settings in {file}", received="another"
        )


def _fingerprint(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
