"""Stages: what a strategy does with its epochs."""

from dataclasses import dataclass
from typing import Literal

from pipelines.config import Config
from pipelines.model_factory import FULL_SIDE

FULL_SIZE_RATE = 0.3  # of the last stage's rate: the network only gets used to larger images
RAMP = 0.6  # share of the epochs in which zeros are added


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Some epochs with one set of learning layers, one image size, one learning rate."""

    name: str
    epochs: int
    learns: Literal["all", "none", "blocks"]  # of the backbone; the head always learns
    learning_rate: float
    pixels: int
    ramp_epochs: int  # in which the share of zeros rises


def initial_stages(config: Config) -> tuple[Stage, ...]:
    """Every layer learns from the first epoch."""
    main = Stage(
        name="all layers",
        epochs=config.epochs,
        learns="all",
        learning_rate=config.learning_rate,
        pixels=config.pixels,
        ramp_epochs=round(RAMP * config.epochs),
    )
    return main, *_full_size(config, main)


def finetuned_stages(config: Config) -> tuple[Stage, ...]:
    """The head learns on a frozen backbone; then the named blocks learn as well."""
    frozen = Stage(
        name="frozen backbone",
        epochs=config.frozen_epochs,
        learns="none",
        learning_rate=config.learning_rate,
        pixels=config.pixels,
        ramp_epochs=config.frozen_epochs + 1,
    )
    unfrozen = Stage(
        name="unfrozen blocks",
        epochs=config.unfrozen_epochs,
        learns="blocks",
        learning_rate=config.unfrozen_learning_rate,
        pixels=config.pixels,
        ramp_epochs=round(RAMP * config.unfrozen_epochs),
    )
    return frozen, unfrozen, *_full_size(config, unfrozen)


def _full_size(config: Config, last: Stage) -> tuple[Stage, ...]:
    """A stage at full size, where there is one."""
    if not config.full_size_epochs or config.pixels == FULL_SIDE:
        return ()
    return (
        Stage(
            name="full size",
            epochs=config.full_size_epochs,
            learns=last.learns,
            learning_rate=FULL_SIZE_RATE * last.learning_rate,
            pixels=FULL_SIDE,
            ramp_epochs=0,
        ),
    )
