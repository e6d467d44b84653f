"""The confusion matrix of an operating point: four cells, shaded by share of the true class."""

from dataclasses import dataclass

from models.card import ModelCard, OperatingPoint
from portal.figures import numbers

_LEFT, _TOP, _WIDTH, _HEIGHT, _GAP = 112, 56, 158, 108, 4
_FAINTEST_SHADE = 0.04
STRONGEST_SHADE = 0.34  # the numbers on it stay readable in both themes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: where it lies, how strong it is shaded, what it says."""

    x: float
    y: float
    width: float
    height: float
    middle: float  # x of its text
    strength: float  # opacity of the shade
    count: str
    share: str  # of the true class, in whole percents
    meaning: str  # "found", "missed", ...
    right: bool  # model and truth agree


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusionFigure:
    """What the template draws: rows are the truth, columns what the model said."""

    cells: tuple[Cell, ...]  # true negative, false positive, false negative, true positive
    row_totals: tuple[str, str]  # images that are (negative, positive)
    alt: str


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _cell(count: int, total: int, row: int, column: int, meaning: str) -> Cell:
    share = _share(count, total)
    x = _LEFT + column * (_WIDTH + _GAP)
    return Cell(
        x=x,
        y=_TOP + row * (_HEIGHT + _GAP),
        width=_WIDTH,
        height=_HEIGHT,
        middle=x + _WIDTH / 2,
        strength=round(_FAINTEST_SHADE + share * (STRONGEST_SHADE - _FAINTEST_SHADE), 3),
        count=numbers.count(count),
        share=numbers.percent(share),
        meaning=meaning,
        right=row == column,
    )


def confusion_figure(card: ModelCard, point: OperatingPoint) -> ConfusionFigure:
    """The confusion matrix on the card's test images, at one of its operating points."""
    matrix = point.confusion
    negatives = matrix.true_negative + matrix.false_positive
    positives = matrix.false_negative + matrix.true_positive
    modality = card.key.modality
    return ConfusionFigure(
        cells=(
            _cell(matrix.true_negative, negatives, 0, 0, "rightly passed"),
            _cell(matrix.false_positive, negatives, 0, 1, "false alarms"),
            _cell(matrix.false_negative, positives, 1, 0, "missed"),
            _cell(matrix.true_positive, positives, 1, 1, "found"),
        ),
        row_totals=(numbers.count(negatives), numbers.count(positives)),
        alt=(
            f"Confusion matrix of {negatives + positives} test images: of {positives} "
            f"{modality.found}, {matrix.true_positive} were found and {matrix.false_negative} "
            f"missed; of {negatives} {modality.spared}, {matrix.true_negative} were rightly "
            f"passed and {matrix.false_positive} were false alarms."
        ),
    )
