"""The plot's frame, a linear scale from data to drawing units, and round numbers for an axis."""

from dataclasses import dataclass
from math import ceil, floor, log10

_STEPS = 5  # into which a range is cut before it is widened, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps [low, high] of the data onto [start, end] of the drawing."""

    low: float
    high: float
    start: float
    end: float

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"expected low < high, received {self.low} and {self.high}")

    def __call__(self, value: float) -> float:
        """Where ``value`` lies in the drawing, to a tenth of a unit."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A drawing of ``width`` x ``height`` and the plot inside it; y grows downwards."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle_x(self) -> float:
        """Where the title of the horizontal axis is centred."""
        return (self.left + self.right) / 2

    @property
    def middle_y(self) -> float:
        """Where the title of the vertical axis is centred."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One mark of an axis: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place in a drawing."""

    x: float
    y: float


SQUARE = Frame(width=440, height=440, left=58, right=424, top=16, bottom=382)
"""The frame of drawings whose axes both run from 0 to 1."""


def share_scales(frame: Frame) -> tuple[Scale, Scale]:
    """The scales of two axes from 0 to 1 in a frame: (x, y)."""
    return (
        Scale(low=0, high=1, start=frame.left, end=frame.right),
        Scale(low=0, high=1, start=frame.bottom, end=frame.top),
    )


def percent_ticks(scale: Scale) -> tuple[Tick, ...]:
    """Marks at 0, 20, ... 100 percent."""
    shares = [step / 5 for step in range(6)]
    return tuple(Tick(at=scale(share), text=f"{100 * share:.0f}") for share in shares)


def round_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts ``span`` into ``most`` at most."""
    if span <= 0 or most < 1:
        raise ValueError(f"expected a positive span and count, received {span} and {most}")
    power = 10.0 ** floor(log10(span / most))
    return next(
        float(factor * power) for factor in (1, 2, 5, 10) if span / (factor * power) <= most + 1e-9
    )


def round_range(low: float, high: float) -> tuple[float, float, float]:
    """The range widened to round numbers, and its step: (low, high, step)."""
    step = round_step(max(high - low, 1e-3), _STEPS)
    return floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step, step
