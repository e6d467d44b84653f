"""The table of all models: its columns, its rows and their order."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.card import Estimate, ModelCard
from models.catalogue import MODALITIES, ModelKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table."""

    name: str  # in addresses: "f1"
    title: str
    value: Callable[[ModelKey, ModelCard | None], Any]  # to sort by; None: nothing is known
    number: bool = True
    falling_first: bool = True  # whether the first click brings the highest to the top


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Column):
    """A column that shows a metric of the test images; falling first: higher is better."""

    def estimate(self, card: ModelCard) -> Estimate:
        """What stands in the column."""
        return card.metrics["test"][self.name]

    def best(self, cards: Iterable[ModelCard]) -> float:
        """The best value among some cards, as it is shown."""
        return (max if self.falling_first else min)(self.shown(card) for card in cards)

    def shown(self, card: ModelCard) -> float:
        """The value with the three decimals that a reader sees."""
        return round(self.estimate(card).value, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column: how it is sorted now, and the order that a click brings."""

    column: Column
    sorted: str | None  # for aria-sort: "ascending" or "descending"
    order: str  # for the address: "f1", or "-f1" with the highest on top


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model of the table."""

    key: ModelKey
    card: ModelCard | None
    best: frozenset[str] = frozenset()  # measures in which none of its kind is better


def _words(name: str, title: str, value: Callable[[ModelKey], str]) -> Column:
    return Column(
        name=name,
        title=title,
        value=lambda key, _card: value(key),
        number=False,
        falling_first=False,
    )


def _number(name: str, title: str, value: Callable[[ModelCard], float]) -> Column:
    return Column(name=name, title=title, value=lambda _key, card: card and value(card))


def _measure(name: str, title: str, *, falling_first: bool = True) -> Measure:
    return Measure(
        name=name,
        title=title,
        value=lambda _key, card: card and card.metrics["test"][name].value,
        falling_first=falling_first,
    )


WORDS = (
    _words("model", "Model", lambda key: key.backbone.title),
    _words("kind", "Kind of image", lambda key: key.modality.title),
    _words("training", "Training", lambda key: key.strategy.title),
)
MEASURES = (
    _measure("f1", "F1"),
    _measure("roc_auc", "AUC"),
    _measure("brier", "Brier score", falling_first=False),
)
NUMBERS = (
    _number("threshold", "Threshold", lambda card: card.threshold.value),
    _number("images", "Test images", lambda card: sum(card.data.counts["test"])),
)
COLUMNS: tuple[Column, ...] = (*WORDS, *MEASURES, *NUMBERS)
ORDERS = tuple(f"{sign}{column.name}" for column in COLUMNS for sign in ("", "-"))
"""What the address may ask for: a column, with a minus for the highest on top."""


def heads(order: str | None) -> tuple[Head, ...]:
    """The heads of a table in an order; None: in the catalogue's."""
    return tuple(_head(column, order) for column in COLUMNS)


def _head(column: Column, order: str | None) -> Head:
    rising, falling = column.name, f"-{column.name}"
    first, second = (falling, rising) if column.falling_first else (rising, falling)
    return Head(
        column=column,
        sorted={rising: "ascending", falling: "descending"}.get(order or ""),
        order=second if order == first else first,
    )


def in_order(rows: Sequence[Row], order: str) -> tuple[Row, ...]:
    """The rows in one of ``ORDERS``; those without a value stay last either way."""
    column = next(each for each in COLUMNS if each.name == order.removeprefix("-"))
    values = {row.key.slug: column.value(row.key, row.card) for row in rows}
    known = [row for row in rows if values[row.key.slug] is not None]
    unknown = [row for row in rows if values[row.key.slug] is None]
    known.sort(key=lambda row: values[row.key.slug], reverse=order.startswith("-"))
    return (*known, *unknown)


def rows_of(cards: Sequence[tuple[ModelKey, ModelCard | None]]) -> tuple[Row, ...]:
    """A row for each model, with the measures in which it is the best of its kind of image."""
    best = {}
    for modality in MODALITIES:
        mine = [card for key, card in cards if card and key.modality.key == modality]
        if mine:
            best[modality] = {measure.name: measure.best(mine) for measure in MEASURES}
    return tuple(_row(key, card, best.get(key.modality.key, {})) for key, card in cards)


def _row(key: ModelKey, card: ModelCard | None, best: dict[str, float]) -> Row:
    if card is None:
        return Row(key=key, card=None)
    names = (each.name for each in MEASURES if each.shown(card) == best[each.name])
    return Row(key=key, card=card, best=frozenset(names))
