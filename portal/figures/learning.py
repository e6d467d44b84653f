"""Learning curves of a card: training and validation, epoch by epoch, stages marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from models.card import ModelCard, TrainingSummary
from portal.figures import numbers
from portal.figures.scale import Frame, Scale, Tick, round_range, round_step

FRAME = Frame(width=440, height=300, left=58, right=340, top=36, bottom=244)
_LABEL_HEIGHT = 16.0
_SHOWN = (("loss", "Loss", "lower is better"), ("auc", "ROC AUC", "higher is better"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One curve with its name at its right end."""

    name: str  # "training" or "validation"
    points: str  # for a polyline
    end_x: float
    end_y: float
    label_y: float  # moved apart from the other label where they would meet


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The first epoch of a training stage."""

    name: str
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningFigure:
    """What the template draws for one quantity."""

    frame: Frame
    key: str  # "loss"
    title: str  # "Loss"
    note: str  # "lower is better"
    lines: tuple[Line, ...]
    stages: tuple[Stage, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    alt: str
    rows: tuple[tuple[str, str, str], ...]  # epoch, training, validation


def _curve(history: Mapping[str, tuple[float, ...]], key: str) -> tuple[float, ...]:
    return tuple(value for value in history.get(key, ()) if isfinite(value))


def _lines(curves: Mapping[str, tuple[float, ...]], x: Scale, y: Scale) -> tuple[Line, ...]:
    """The curves, with labels at their ends at least one line of text apart."""
    ends = {name: y(values[-1]) for name, values in curves.items()}
    order = sorted(ends, key=lambda name: ends[name])
    labels = dict(ends)
    for upper, lower in pairwise(order):
        missing = _LABEL_HEIGHT - (labels[lower] - labels[upper])
        if missing > 0:
            labels[upper] -= missing / 2
            labels[lower] += missing / 2
    return tuple(
        Line(
            name=name,
            points=" ".join(f"{x(epoch)},{y(value)}" for epoch, value in enumerate(values, 1)),
            end_x=x(len(values)),
            end_y=ends[name],
            label_y=round(labels[name], 1),
        )
        for name, values in curves.items()
    )


def _epoch_ticks(last: int, x: Scale) -> tuple[Tick, ...]:
    step = max(1, round(round_step(max(last, 1), 6)))
    epochs = sorted({1, *range(step, last + 1, step)})
    if len(epochs) > 1 and epochs[1] - 1 < step / 2:
        del epochs[1]
    return tuple(Tick(at=x(epoch), text=str(epoch)) for epoch in epochs)


def _alt(title: str, curves: Mapping[str, tuple[float, ...]], training: TrainingSummary) -> str:
    said = "; ".join(
        f"{name} from {numbers.decimals(values[0])} to {numbers.decimals(values[-1])}"
        for name, values in curves.items()
    )
    epochs = max(len(values) for values in curves.values())
    stages = ", ".join(f"{name} from epoch {first}" for name, first in training.stages.items())
    return f"{title} over {epochs} epochs: {said}." + (f" Stages: {stages}." if stages else "")


def _figure(key: str, title: str, note: str, training: TrainingSummary) -> LearningFigure | None:
    named = {"training": key, "validation": f"val_{key}"}
    found = {name: _curve(training.history, column) for name, column in named.items()}
    curves = {name: values for name, values in found.items() if values}
    if not curves:
        return None
    last = max(len(values) for values in curves.values())
    everything = [value for values in curves.values() for value in values]
    low, high, step = round_range(min(everything), max(everything))
    if low == high:
        high = low + step
    x = Scale(low=1, high=max(last, 2), start=FRAME.left + 8, end=FRAME.right)
    y = Scale(low=low, high=high, start=FRAME.bottom, end=FRAME.top)
    places = 1 if step >= 0.1 else 2 if step >= 0.01 else 3
    marks = [low + step * index for index in range(round((high - low) / step) + 1)]
    every = max(1, -(-last // 12))
    epochs = [epoch for epoch in range(1, last + 1) if epoch % every == 0 or epoch in (1, last)]
    training_curve, validation_curve = found["training"], found["validation"]
    return LearningFigure(
        frame=FRAME,
        key=key,
        title=title,
        note=note,
        lines=_lines(curves, x, y),
        stages=tuple(Stage(name=name, x=x(first)) for name, first in training.stages.items()),
        x_ticks=_epoch_ticks(last, x),
        y_ticks=tuple(Tick(at=y(mark), text=numbers.decimals(mark, places)) for mark in marks),
        alt=_alt(title, curves, training),
        rows=tuple(
            (
                str(epoch),
                _at(training_curve, epoch),
                _at(validation_curve, epoch),
            )
            for epoch in epochs
        ),
    )


def _at(values: tuple[float, ...], epoch: int) -> str:
    return numbers.decimals(values[epoch - 1]) if epoch <= len(values) else "not measured"


def learning_figures(card: ModelCard) -> tuple[LearningFigure, ...]:
    """The curves of loss and AUC, as far as the card's history holds them."""
    figures = (_figure(*shown, card.training) for shown in _SHOWN)
    return tuple(figure for figure in figures if figure is not None)
