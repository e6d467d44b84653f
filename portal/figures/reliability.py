"""Calibration of a card: what was said in groups of test images, and what came true."""

from dataclasses import dataclass

from models.card import ModelCard, Reliability
from portal.figures import numbers
from portal.figures.labels import spread
from portal.figures.scale import Frame, Tick, percent_ticks, share_scales

FRAME = Frame(width=440, height=474, left=58, right=424, top=50, bottom=416)
_SMALLEST, _LARGEST = 3.0, 8.0  # radius of a dot
_DIGIT, _SPACE = 8.0, 8.0  # width of a digit of a count, and between two counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The images of one bin; y grows downwards."""

    x: float  # mean probability
    y: float  # share of positive images
    low: float  # ends of the interval of that share: y
    high: float
    radius: float  # its square grows with the count
    count: str
    count_x: float  # moved apart from its neighbours'


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityFigure:
    """What the template draws for the probabilities before or after calibration."""

    frame: Frame
    key: str  # "before"
    title: str  # "Before calibration"
    probability: str  # "model probability"
    groups: tuple[Group, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    error: str  # expected calibration error
    alt: str
    rows: tuple[tuple[str, str, str, str], ...]  # said, came true, interval, images


def _groups(bins: Reliability) -> tuple[Group, ...]:
    x, y = share_scales(FRAME)
    most = max(bins.count)
    gap = _DIGIT * len(str(most)) + _SPACE
    places = spread([x(said) for said in bins.predicted], gap, FRAME.left, FRAME.right)
    return tuple(
        Group(
            x=x(said),
            y=y(observed),
            low=y(low),
            high=y(high),
            radius=round(_SMALLEST + (_LARGEST - _SMALLEST) * (count / most) ** 0.5, 1),
            count=numbers.count(count),
            count_x=place,
        )
        for said, observed, low, high, count, place in zip(
            bins.predicted, bins.observed, bins.low, bins.high, bins.count, places, strict=True
        )
    )


def _alt(title: str, probability: str, bins: Reliability) -> str:
    reached = sum(
        low <= said <= high
        for low, said, high in zip(bins.low, bins.predicted, bins.high, strict=True)
    )
    return (
        f"{title}: {sum(bins.count)} test images in {len(bins.count)} groups of rising "
        f"{probability}. What was said and what came true differ by "
        f"{numbers.decimals(bins.expected_error)} on average; in {reached} of the groups the "
        "95 % interval reaches the line on which they are equal."
    )


def _figure(key: str, title: str, probability: str, bins: Reliability) -> ReliabilityFigure:
    x, y = share_scales(FRAME)
    return ReliabilityFigure(
        frame=FRAME,
        key=key,
        title=title,
        probability=probability,
        groups=_groups(bins),
        x_ticks=percent_ticks(x),
        y_ticks=percent_ticks(y),
        error=numbers.decimals(bins.expected_error),
        alt=_alt(title, probability, bins),
        rows=tuple(
            (
                numbers.decimals(said, 2),
                numbers.percent(observed),
                f"{100 * low:.0f} to {100 * high:.0f}",
                numbers.count(count),
            )
            for said, observed, low, high, count in zip(
                bins.predicted, bins.observed, bins.low, bins.high, bins.count, strict=True
            )
        ),
    )


def reliability_figures(card: ModelCard) -> tuple[ReliabilityFigure, ReliabilityFigure]:
    """The test images before and after calibration."""
    before, after = card.calibration.before, card.calibration.after
    return (
        _figure("before", "Before calibration", "model probability", before),
        _figure("after", "After calibration", "calibrated probability", after),
    )
