"""Trunk plan: how long a backbone goes to school."""

from dataclasses import dataclass

from pipelines.stages import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkPlan:
    """Small images first, then those of full size."""

    learning_rate: float
    small_epochs: int  # on images of half the side, before the others
    epochs: int
    steps: int = 48  # of an epoch

    def stages(self, pixels: int) -> tuple[Stage, ...]:
        """The stages, every layer learning in each; zeros come early in the last, all at once."""
        main = Stage(
            name="trunk",
            epochs=self.epochs,
            learns="all",
            learning_rate=self.learning_rate,
            pixels=pixels,
            zeros=(self.epochs // 3, self.epochs // 3),
        )
        small = Stage(
            name="small images",
            epochs=self.small_epochs,
            learns="all",
            learning_rate=self.learning_rate,
            pixels=pixels // 2,
        )
        return (small, main) if self.small_epochs else (main,)
