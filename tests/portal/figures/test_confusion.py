from dataclasses import replace

from models.card import ConfusionMatrix
from models.catalogue import model_keys
from portal.figures.confusion import confusion_figure
from tests.fakes import fake_card

CARD = fake_card(model_keys()[0])


def test_cells_hold_counts_and_shares_of_their_row() -> None:
    figure = confusion_figure(CARD, CARD.best_f1)

    assert [cell.count for cell in figure.cells] == ["47", "12", "3", "26"]
    assert [cell.share for cell in figure.cells] == [
        "80\u00a0%",
        "20\u00a0%",
        "10\u00a0%",
        "90\u00a0%",
    ]
    assert figure.row_totals == ("59", "29")


def test_a_larger_share_is_shaded_stronger() -> None:
    strengths = [cell.strength for cell in confusion_figure(CARD, CARD.best_f1).cells]

    assert strengths[3] > strengths[0] > strengths[1] > strengths[2] > 0


def test_a_test_without_positives_is_drawn_all_the_same() -> None:
    matrix = ConfusionMatrix(true_negative=5, false_positive=0, false_negative=0, true_positive=0)
    figure = confusion_figure(CARD, replace(CARD.best_f1, confusion=matrix))

    assert figure.cells[3].share == "0\u00a0%"


def test_the_alternative_text_counts_all_four() -> None:
    alt = confusion_figure(CARD, CARD.best_f1).alt

    assert "26 were found and 3 missed" in alt
    assert "47 were rightly passed and 12 were false alarms" in alt


def test_another_point_has_its_own_counts() -> None:
    figure = confusion_figure(CARD, CARD.high_sensitivity)

    assert [cell.count for cell in figure.cells] == ["32", "27", "1", "28"]
