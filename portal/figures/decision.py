"""The decision curve of a card: what acting on the model is worth, beside acting on all or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.card import DecisionCurve, ModelCard
from portal.figures import numbers
from portal.figures.scale import Frame, Point, Scale, Tick, round_range, round_step
from portal.figures.thinning import thinned

FRAME = Frame(width=440, height=360, left=66, right=424, top=22, bottom=302)
_BELOW_ZERO = 0.5  # how far the drawing reaches below 0, as a share of its reach above

Places = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFigure:
    """What the template draws; a line that falls out of the frame is cut there."""

    frame: Frame
    model: tuple[str, ...]  # parts of the line, each for a polyline
    act_on_all: tuple[str, ...]
    zero: float  # y of acting on none
    model_label: Point
    all_label: Point | None  # None: the line lies below the frame
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    alt: str
    rows: tuple[tuple[str, str, str, str], ...]  # from, then net benefits: model, all, none


def above(places: Iterable[tuple[float, float]], low: float) -> tuple[Places, ...]:
    """The parts of a line of (x, y) that do not lie below ``low``, cut where it crosses."""
    parts: list[list[tuple[float, float]]] = [[]]
    for one, other in pairwise(places):
        if max(one[1], other[1]) < low:
            continue
        ends = [_crossing(one, other, low) if end[1] < low else end for end in (one, other)]
        if parts[-1] and parts[-1][-1] != ends[0]:
            parts.append([])
        parts[-1] += ends[1:] if parts[-1] else ends
    return tuple(tuple(part) for part in parts if part)


def _crossing(
    one: tuple[float, float], other: tuple[float, float], low: float
) -> tuple[float, float]:
    share = (low - one[1]) / (other[1] - one[1])
    return one[0] + share * (other[0] - one[0]), low


def _gains(curve: DecisionCurve) -> list[float]:
    """By how much the model's net benefit is above the better one of acting on all and none."""
    return [
        model - max(everything, 0.0)
        for model, everything in zip(curve.model, curve.act_on_all, strict=True)
    ]


def _alt(curve: DecisionCurve) -> str:
    gains = _gains(curve)
    better = [place for place, gain in zip(curve.threshold, gains, strict=True) if gain > 0]
    if not better:
        return (
            "Decision curve: at no probability shown does acting on the model's positives have a "
            "higher net benefit than acting on all images or on none."
        )
    most = max(gains)
    return (
        f"Decision curve: at {len(better)} of {len(gains)} probabilities shown, from "
        f"{numbers.decimals(better[0], 2)} to {numbers.decimals(better[-1], 2)}, acting on the "
        "model's positives has a higher net benefit than acting on all images or on none; the "
        f"most, by {numbers.decimals(most)}, at "
        f"{numbers.decimals(curve.threshold[gains.index(most)], 2)}."
    )


def _line(values: Sequence[float], curve: DecisionCurve, x: Scale, y: Scale) -> tuple[str, ...]:
    parts = above(zip(curve.threshold, values, strict=True), y.low)
    return tuple(" ".join(f"{x(place)},{y(value)}" for place, value in part) for part in parts)


def decision_figure(card: ModelCard) -> DecisionFigure:
    """The decision curve on the card's test images, by calibrated probability."""
    curve = card.decision
    highest = max(*curve.model, *curve.act_on_all, 0.02)
    low, high, step = round_range(-_BELOW_ZERO * highest, highest)
    last = max(curve.threshold)
    x = Scale(low=0, high=last, start=FRAME.left, end=FRAME.right)
    y = Scale(low=low, high=high, start=FRAME.bottom, end=FRAME.top)
    everything = _line(curve.act_on_all, curve, x, y)
    gains = _gains(curve)
    best = gains.index(max(gains))
    places = 1 if step >= 0.1 else 2
    across = round_step(last, 6)
    marks = [round(low + step * index, 9) + 0.0 for index in range(round((high - low) / step) + 1)]
    return DecisionFigure(
        frame=FRAME,
        model=_line(curve.model, curve, x, y),
        act_on_all=everything,
        zero=y(0),
        model_label=Point(x=x(curve.threshold[best]), y=y(max(curve.model[best], low))),
        all_label=_end(everything),
        x_ticks=tuple(
            Tick(at=x(across * index), text=numbers.decimals(across * index, 1 + (across < 0.1)))
            for index in range(int(last / across + 1e-9) + 1)
        ),
        y_ticks=tuple(Tick(at=y(mark), text=numbers.decimals(mark, places)) for mark in marks),
        alt=_alt(curve),
        rows=tuple(
            (
                numbers.decimals(curve.threshold[index], 2),
                numbers.decimals(curve.model[index]),
                numbers.decimals(curve.act_on_all[index]),
                numbers.decimals(0.0),
            )
            for index in thinned(len(curve.threshold))
        ),
    )


def _end(line: tuple[str, ...]) -> Point | None:
    if not line:
        return None
    x, y = line[0].split()[-1].split(",")
    return Point(x=float(x), y=float(y))
