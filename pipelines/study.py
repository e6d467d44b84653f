"""Study: every model from prepared images to a published file; run again, it goes on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from models import checkpoint
from models.card import ModelCard
from models.catalogue import BACKBONES, ModelKey
from models.required_f1 import REQUIRED_F1, meets_required_f1
from pipelines import run_folder
from pipelines.config import Config
from pipelines.data_module import DataModule
from pipelines.errors import OtherRun
from pipelines.evaluation import evaluate_run, init_name
from pipelines.first_weights import refuse_known_images
from pipelines.model_factory import ModelFactory
from pipelines.networks import Networks
from pipelines.options import FIRST_WEIGHTS
from pipelines.publication import is_published, publish
from pipelines.trainer import Trainer
from pipelines.turn import turn_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A model that has come to its end."""

    key: ModelKey
    card: ModelCard
    size: int  # of its file, in bytes


@dataclass(frozen=True, slots=True)
class Study:
    """Some models of the catalogue, one after another."""

    configs: Sequence[Config]
    work: Path
    checkpoints: Path
    restart: bool = False  # begin again where an earlier run had other settings
    networks: Networks = field(default_factory=Networks)

    def check(self) -> None:
        """Refuse before hours have passed what would be refused after them.

        Raises:
            NotPrepared, PreparedOtherwise, DamagedPreparation, InvalidConfig, SplitImpossible,
                LeakingSplit: a data set cannot be used.
            OtherRun: a folder holds a run of other settings.
            DamagedRun: what a folder holds cannot be read.
            FolderInUse: another command works in one.
            FolderRefused: one cannot be made.
        """
        for config in self.configs:
            data, folder = DataModule(config, self.work), self.work / config.key.slug
            with turn_in(folder):
                try:
                    Trainer(config, data, folder)
                    run_folder.refuse_other(folder, _known_inputs(config, data))
                except OtherRun:
                    if not self.restart:
                        raise

    def run(self) -> tuple[Finished, ...]:
        """Train, evaluate and publish what is not yet; each file is whole or not there.

        Raises:
            InitUnavailable, LeakingStart: the first weights cannot be used.
            OtherRun: a folder holds a run of other settings.
            DamagedRun: what a folder holds cannot be read.
            FolderInUse: another command works in one.
            FolderRefused: one cannot be made.
            DamagedPreparation, Diverged: as of ``Trainer.run``.
        """
        published = {
            config.key: self._publish(config, f"[{number}/{len(self.configs)}] {config.key.title}")
            for number, config in enumerate(by_backbone(self.configs), start=1)
        }
        return tuple(published[config.key] for config in self.configs)

    def _publish(self, config: Config, title: str) -> Finished:
        key, folder = config.key, self.work / config.key.slug
        data = DataModule(config, self.work)
        with begin(config, data, folder, self.networks, restart=self.restart) as trainer:
            if is_published(key, data, folder, self.checkpoints):
                print(f"{title}: published before", flush=True)
                card = checkpoint.read_card(folder / "model.h5")
            else:
                print(title, flush=True)
                if not (folder / "model.h5").is_file():
                    evaluate_run(config, data, trainer.run(), folder)
                card = publish(key, data, folder, self.checkpoints)
                print(f"  {outcome(card)}", flush=True)
        return Finished(key=key, card=card, size=(self.checkpoints / key.checkpoint).stat().st_size)


def by_backbone(configs: Sequence[Config]) -> list[Config]:
    """The same, one backbone after another, so that their compiled networks serve again."""
    return sorted(configs, key=lambda config: list(BACKBONES).index(config.backbone))


@contextmanager
def begin(
    config: Config, data: DataModule, folder: Path, networks: Networks, *, restart: bool = False
) -> Iterator[Trainer]:
    """Begin a run in its folder, or go on with the one that lies there; no other command may.

    Args:
        config: its settings.
        data: its images.
        folder: its own.
        networks: what the runs share.
        restart: forget a run of other settings, data or first weights that lies there.

    Raises:
        OtherRun: such a run lies there, and may not be forgotten.
        DamagedRun: what lies there cannot be read.
        InitUnavailable, LeakingStart: the first weights cannot be used.
        DamagedPreparation: an image is missing.
        FolderInUse: another command works there.
        FolderRefused: the folder cannot be made.
    """
    refuse_known_images(config.init, data)
    with turn_in(folder):
        try:
            trainer = _claimed(config, data, folder, networks)
        except OtherRun:
            if not restart:
                raise
            _require_first_weights(config)
            run_folder.forget(folder)
            trainer = _claimed(config, data, folder, networks)
        yield trainer


def _require_first_weights(config: Config) -> None:
    """Refuse first weights that cannot be had before what was learnt from others is forgotten."""
    factory = ModelFactory(config)
    factory.initialise(factory.build())


def _claimed(config: Config, data: DataModule, folder: Path, networks: Networks) -> Trainer:
    trainer = Trainer(config, data, folder, networks)
    run_folder.claim(folder, _inputs(config, data))
    run_folder.note_config(folder, config)  # the file of the first weights may have moved
    return trainer


def _known_inputs(config: Config, data: DataModule) -> dict[str, str]:
    """All but a trunk that is not taught yet."""
    there = config.init in FIRST_WEIGHTS or Path(config.init).is_file()
    return _inputs(config, data) if there else _split(data)


def _inputs(config: Config, data: DataModule) -> dict[str, str]:
    """What a run is made from, as its folder notes it."""
    return {"first weights": init_name(config), **_split(data)}


def _split(data: DataModule) -> dict[str, str]:
    """The split of a run and its images."""
    return {"split": data.summary().split_sha256, "images": data.images_sha256}


def outcome(card: ModelCard) -> str:
    """A model and its figures on the test images, in a line."""
    test = card.metrics["test"]
    return (
        f"{card.model}: test F1 {test['f1'].value:.3f} ({test['f1'].low:.3f}-"
        f"{test['f1'].high:.3f}), AUC {test['roc_auc'].value:.3f}, "
        f"threshold {card.threshold.value:.2f}, fingerprint {card.fingerprint}"
    )


def summary(found: Sequence[Finished]) -> str:
    """A table of all models, and a line about them together."""
    heading = ("model", "F1", "AUC", "F1 before", "threshold", "MB", "minutes")
    rows = [heading, *(_row(item) for item in found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heading))]
    lines = [
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    good = sum(meets_required_f1(item.card.metrics["test"]["f1"]) for item in found)
    size = sum(item.size for item in found) / 1e6
    minutes = sum(item.card.training.seconds for item in found) / 60
    lines.append(
        f"{len(found)} models, {size:.1f} MB, {minutes:.0f} minutes of training; "
        f"{good} reach a test F1 of {REQUIRED_F1:.2f}."
    )
    return "\n".join(lines)


def _row(item: Finished) -> tuple[str, ...]:
    test, training = item.card.metrics["test"], item.card.training
    return (
        item.key.slug,
        f"{test['f1'].value:.3f}",
        f"{test['roc_auc'].value:.3f}",
        "-" if training.dense_f1 is None else f"{training.dense_f1:.3f}",
        f"{item.card.threshold.value:.2f}",
        f"{item.size / 1e6:.2f}",
        f"{training.seconds / 60:.1f}",
    )
