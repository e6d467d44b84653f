"""What one run of the benchmark measures, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.catalogue import Cohort
from models.precision import Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The choices of one run."""

    checkpoints: Path
    portal_python: Path  # of the environment that the portal is served from
    precision: Precision  # of the portal, and of the bare pass beside it: "f32"
    cohort: Cohort  # its page, and the pages of its models
    rounds: int  # of a latency
    repeats: int  # of starts and of turns under load
    seconds: float  # of one turn under load
    folder: Path  # for this run only
    say: Callable[[str], None]  # tells the progress

    @property
    def ending(self) -> str:
        """What tells a title or an aim from that of f32."""
        return "" if self.precision == "f32" else f", {self.precision}"
