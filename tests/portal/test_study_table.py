from collections.abc import Sequence
from dataclasses import replace

import pytest

from models.card import Estimate, ModelCard
from models.catalogue import ModelKey, model_keys
from portal.study_table import COLUMNS, MEASURES, ORDERS, Row, heads, in_order, rows_of
from tests.fakes import fake_card, with_own_numbers

KEYS = model_keys()


def _card(key: ModelKey, **values: float) -> ModelCard:
    """A card with other values of some metrics on test images."""
    card = fake_card(key)
    test = dict(card.metrics["test"])
    test |= {name: Estimate(value=value, low=0.0, high=1.0) for name, value in values.items()}
    return replace(card, metrics={**card.metrics, "test": test})


def _slugs(rows: Sequence[Row]) -> list[str]:
    return [row.key.slug for row in rows]


def test_there_are_two_orders_to_a_column() -> None:
    assert len(ORDERS) == len(set(ORDERS)) == 2 * len(COLUMNS)


def test_no_head_is_sorted_at_first() -> None:
    assert {head.sorted for head in heads(None)} == {None}


@pytest.mark.parametrize(
    ("order", "said", "next_order"),
    [
        ("f1", "ascending", "-f1"),
        ("-f1", "descending", "f1"),
        ("model", "ascending", "-model"),
        ("-model", "descending", "model"),
    ],
)
def test_a_second_click_turns_the_order(order: str, said: str, next_order: str) -> None:
    mine = next(head for head in heads(order) if head.sorted)

    assert (mine.column.name, mine.sorted, mine.order) == (order.lstrip("-"), said, next_order)


def test_the_first_click_brings_the_best_to_the_top() -> None:
    first = {head.column.name: head.order for head in heads(None)}

    assert (first["f1"], first["roc_auc"], first["brier"]) == ("-f1", "-roc_auc", "brier")
    assert first["model"] == "model"


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_keeps_every_row(order: str) -> None:
    rows = rows_of([(key, fake_card(key)) for key in KEYS])

    assert sorted(_slugs(in_order(rows, order))) == sorted(key.slug for key in KEYS)


def test_rows_are_sorted_by_value_and_missing_ones_stay_last() -> None:
    one, two, three, gone = KEYS[:4]
    cards = [(gone, None), (one, _card(one, f1=0.5)), (two, _card(two, f1=0.9))]
    rows = rows_of([*cards, (three, _card(three, f1=0.7))])

    assert _slugs(in_order(rows, "f1")) == [str(key) for key in (one, three, two, gone)]
    assert _slugs(in_order(rows, "-f1")) == [str(key) for key in (two, three, one, gone)]


def test_equal_rows_keep_the_catalogues_order_either_way() -> None:
    rows = rows_of([(key, fake_card(key)) for key in KEYS])

    assert in_order(rows, "f1") == in_order(rows, "-f1") == rows


def test_what_looks_equal_is_equally_good() -> None:
    one, other, *_ = (key for key in KEYS if key.modality == KEYS[0].modality)
    cards = [(one, _card(one, brier=0.1516)), (other, _card(other, brier=0.1524))]

    assert ["brier" in row.best for row in rows_of(cards)] == [True, True]


def test_the_best_of_each_kind_is_marked_by_measure() -> None:
    first, second, *_ = (key for key in KEYS if key.modality == KEYS[0].modality)
    other = next(key for key in KEYS if key.modality != KEYS[0].modality)
    cards = {
        first: _card(first, f1=0.8, roc_auc=0.7, brier=0.2),
        second: _card(second, f1=0.7, roc_auc=0.9, brier=0.1),
        other: _card(other, f1=0.1, roc_auc=0.1, brier=0.9),
    }
    best = {row.key: row.best for row in rows_of([*cards.items(), (KEYS[-1], None)])}

    assert best[first] == {"f1"}
    assert best[second] == {"roc_auc", "brier"}
    assert best[other] == {measure.name for measure in MEASURES}
    assert best[KEYS[-1]] == frozenset()


def test_a_column_shows_its_metric_of_the_test_images() -> None:
    card = with_own_numbers(fake_card(KEYS[0]))
    for measure in MEASURES:
        assert measure.estimate(card) == card.metrics["test"][measure.name]
        assert measure.value(KEYS[0], card) == measure.estimate(card).value
