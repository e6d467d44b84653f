"""Stages: what a strategy does with its epochs."""

from dataclasses import dataclass, replace
from typing import Literal

from pipelines.config import Config

COMPACTION = "compaction"
RECOVERY = 0.75  # share of the compaction's epochs in which no more zeros come


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Some epochs with one set of learning layers, one learning rate, one size of image."""

    name: str
    epochs: int
    learns: Literal["all", "none", "blocks"]  # of the backbone; the head always learns
    learning_rate: float
    pixels: int  # side of the images
    zeros: tuple[int, int] | None = None  # epochs, counted from 0, of the first and last new zeros

    @property
    def settled_epoch(self) -> int:
        """The first epoch, counted from 0, whose weights may count as the stage's best."""
        return self.zeros[1] if self.zeros else 0


def initial_stages(config: Config) -> tuple[Stage, ...]:
    """Every layer learns from the first epoch; compaction follows where zeros come last."""
    main = Stage(
        name="all layers",
        epochs=config.epochs,
        learns="all",
        learning_rate=config.learning_rate,
        pixels=config.pixels,
    )
    return _with_zeros(config, main)


def finetuned_stages(config: Config) -> tuple[Stage, ...]:
    """The head learns on a frozen backbone, the named blocks join; then compaction as above."""
    frozen = Stage(
        name="frozen backbone",
        epochs=config.frozen_epochs,
        learns="none",
        learning_rate=config.frozen_learning_rate,
        pixels=config.pixels,
    )
    unfrozen = Stage(
        name="unfrozen blocks",
        epochs=config.unfrozen_epochs,
        learns="blocks",
        learning_rate=config.unfrozen_learning_rate,
        pixels=config.pixels,
    )
    return _with_zeros(config, frozen, unfrozen)


def stages_of(config: Config) -> tuple[Stage, ...]:
    """The stages of the configured strategy."""
    return finetuned_stages(config) if config.key.strategy.staged else initial_stages(config)


def _with_zeros(config: Config, *stages: Stage) -> tuple[Stage, ...]:
    """The stages with zeros in all of them, or with more epochs like the last for compaction."""
    if not config.sparsity:
        return stages
    epochs = config.compaction_epochs
    if not epochs:
        return tuple(replace(stage, zeros=(0, 0)) for stage in stages)
    settled = int((1 - RECOVERY) * epochs)
    return *stages, replace(stages[-1], name=COMPACTION, epochs=epochs, zeros=(0, settled))
