"""Stages: what a strategy does with its epochs."""

from dataclasses import dataclass
from typing import Literal

from pipelines.config import Config

DENSE, SETTLED = 0.3, 0.7  # shares of the epochs before zeros come, and until all are there


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Some epochs with one set of learning layers, one learning rate, one size of image."""

    name: str
    epochs: int
    learns: Literal["all", "none", "blocks"]  # of the backbone; the head always learns
    learning_rate: float
    pixels: int  # side of the images
    dense_epochs: int  # before zeros are added
    settled_epoch: int  # counted from 0: from here on no zeros are added


def initial_stages(config: Config) -> tuple[Stage, ...]:
    """Every layer learns from the first epoch; on small images first, where so configured."""
    small = Stage(
        name="small images",
        epochs=config.small_epochs,
        learns="all",
        learning_rate=config.learning_rate,
        pixels=config.pixels // 2,
        dense_epochs=config.small_epochs,
        settled_epoch=config.small_epochs,
    )
    main = Stage(
        name="all layers",
        epochs=config.epochs,
        learns="all",
        learning_rate=config.learning_rate,
        pixels=config.pixels,
        dense_epochs=round(DENSE * config.epochs),
        settled_epoch=min(config.epochs - 1, round(SETTLED * config.epochs)),
    )
    return (small, main) if config.small_epochs else (main,)


def finetuned_stages(config: Config) -> tuple[Stage, ...]:
    """The head learns on a frozen backbone; then the named blocks learn as well."""
    frozen = Stage(
        name="frozen backbone",
        epochs=config.frozen_epochs,
        learns="none",
        learning_rate=config.learning_rate,
        pixels=config.pixels,
        dense_epochs=config.frozen_epochs,  # the head is pruned with the blocks
        settled_epoch=config.frozen_epochs,
    )
    unfrozen = Stage(
        name="unfrozen blocks",
        epochs=config.unfrozen_epochs,
        learns="blocks",
        learning_rate=config.unfrozen_learning_rate,
        pixels=config.pixels,
        dense_epochs=round(DENSE * config.unfrozen_epochs),
        settled_epoch=min(config.unfrozen_epochs - 1, round(SETTLED * config.unfrozen_epochs)),
    )
    return frozen, unfrozen
