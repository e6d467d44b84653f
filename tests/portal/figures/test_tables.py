import csv
import io
from dataclasses import replace

import pytest

from models.catalogue import model_keys
from portal.figures.tables import FIGURES, Table
from tests.fakes import fake_card

KEY = model_keys()[0]
CARD = fake_card(KEY)


def rows(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.to_csv())))


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_numbers_under_names(name: str) -> None:
    head, *found = rows(FIGURES[name](CARD, CARD.best_f1))
    assert found
    assert len(set(head)) == len(head)
    assert {len(row) for row in found} == {len(head)}


def test_numbers_are_those_of_the_card_without_rounding() -> None:
    card = replace(CARD, roc=replace(CARD.roc, thresholds=(1.01, 0.80123, 0.4, 0.0)))
    _, *found = rows(FIGURES["roc"](card, card.best_f1))
    assert [float(row[0]) for row in found] == list(card.roc.thresholds)
    assert [float(row[2]) for row in found] == list(card.roc.true_positive_rate)


def test_the_confusion_matrix_is_that_of_the_point() -> None:
    _, *found = rows(FIGURES["confusion"](CARD, CARD.high_sensitivity))
    negative, positive = CARD.labels
    assert found[1] == ["0.205", negative, positive, "27"]
    assert [row[3] for row in found] == ["32", "27", "1", "28"]


def test_what_was_not_measured_is_empty() -> None:
    history = {"loss": (0.5, float("nan")), "val_loss": (0.6,)}
    card = replace(CARD, training=replace(CARD.training, history=history))
    _, *found = rows(FIGURES["learning-loss"](card, card.best_f1))
    assert found == [["1", "0.5", "0.6"], ["2", "", ""]]
