"""Sensitivity and specificity of each subgroup as dots with intervals, one under another."""

from collections.abc import Callable
from dataclasses import dataclass

from models.card import ModelCard, OperatingPoint
from models.subgroup_results import AttributeResult, Counted, Subgroup
from models.subgroup_words import verdict
from portal.figures import numbers
from portal.figures.scale import Frame, Scale, Tick, percent_ticks

_WIDTH, _LEFT, _RIGHT = 440.0, 206.0, 424.0
_TOP, _TITLE, _ROW, _GAP, _AXIS = 8.0, 30.0, 26.0, 14.0, 52.0  # heights


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One subgroup: its interval runs from ``low`` to ``high``; places are x, but for ``y``."""

    label: str  # "fatty (7)"
    y: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One measure, and the subgroups in which it can be told."""

    title: str
    y: float  # of the title
    end: float
    whole: float  # x of the measure on all test images
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgroupsFigure:
    """What the template draws; x grows to the right, y downwards."""

    frame: Frame
    blocks: tuple[Block, ...]
    x_ticks: tuple[Tick, ...]
    alt: str


def subgroups_figure(
    card: ModelCard, point: OperatingPoint, result: AttributeResult
) -> SubgroupsFigure:
    """The subgroups of one attribute at an operating point."""
    modality = card.key.modality
    x = Scale(low=0, high=1, start=_LEFT, end=_RIGHT)
    measures: tuple[tuple[str, str, Callable[[Subgroup], Counted]], ...] = (
        (f"{modality.found} found (sensitivity)", "recall", lambda each: each.positive),
        (f"{modality.spared} passed (specificity)", "specificity", lambda each: each.negative),
    )
    blocks, y = [], _TOP
    for title, name, side in measures:
        block = _block(title, x(point.metrics["test"][name].value), x, result, side, y)
        blocks.append(block)
        y = block.end + _GAP
    bottom = y - _GAP
    frame = Frame(
        width=_WIDTH, height=bottom + _AXIS, left=_LEFT, right=_RIGHT, top=_TOP, bottom=bottom
    )
    return SubgroupsFigure(
        frame=frame,
        blocks=tuple(blocks),
        x_ticks=percent_ticks(x),
        alt=f"{result.attribute.title}: sensitivity and specificity on test images in "
        f"{len(result.subgroups)} subgroups, with 95 % intervals, at threshold "
        f"{numbers.decimals(point.threshold.value, 2)}. {verdict(result, card.data.group)}",
    )


def _block(
    title: str,
    whole: float,
    x: Scale,
    result: AttributeResult,
    side: Callable[[Subgroup], Counted],
    top: float,
) -> Block:
    rows = []
    y = top + _TITLE
    for each in result.subgroups:
        counted = side(each)
        share = counted.share
        if share is None:
            continue
        rows.append(
            Row(
                label=f"{each.value} ({numbers.count(counted.images)})",
                y=y + _ROW / 2,
                value=x(share.value),
                low=x(share.low),
                high=x(share.high),
            )
        )
        y += _ROW
    return Block(title=title, y=top + 18, end=y, whole=whole, rows=tuple(rows))
