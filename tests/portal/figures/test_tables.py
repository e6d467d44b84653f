import csv
import io
from dataclasses import asdict, replace

import pytest

from models.catalogue import model_keys
from models.subgroup_results import subgroup_results
from portal.figures.tables import FIGURES, Table, subgroups_table, thresholds_table
from tests.fakes import fake_card, fake_predictions, fake_subgroups, with_own_numbers

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


def test_the_numbers_of_subgroups_stand_under_their_names() -> None:
    found = fake_predictions(KEY)["test"]
    result = subgroup_results(fake_subgroups(KEY.modality.key), found, 0.41)[0]
    head, *lines = rows(subgroups_table(result, CARD.best_f1))
    for line, each in zip(lines, result.subgroups, strict=True):
        said = dict(zip(head, line, strict=True))
        assert (said["subgroup"], said["groups"]) == (each.value, str(each.groups))
        assert (said["negative"], said["positive"]) == (
            str(each.negative.images),
            str(each.positive.images),
        )
        assert (said["true_negative"], said["true_positive"]) == (
            str(each.negative.right),
            str(each.positive.right),
        )
        measures = {
            "sensitivity": each.sensitivity,
            "specificity": each.specificity,
            "roc_auc": each.area,
        }
        for name, estimate in measures.items():
            assert estimate is not None
            ends = [said[f"{name}{end}"] for end in ("", "_low", "_high")]
            assert ends == [str(estimate.value), str(estimate.low), str(estimate.high)]


def test_the_numbers_of_thresholds_stand_under_their_names() -> None:
    point = with_own_numbers(CARD).best_f1
    head, line = rows(thresholds_table({0.41: point}))
    said = dict(zip(head, line, strict=True))
    for cell, count in asdict(point.confusion).items():
        assert said[cell] == str(count)
    for name, estimate in point.metrics["test"].items():
        ends = [said[f"{name}{end}"] for end in ("", "_low", "_high")]
        assert ends == [str(estimate.value), str(estimate.low), str(estimate.high)]
