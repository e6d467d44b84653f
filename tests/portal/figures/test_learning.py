from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.card import ModelCard
from models.catalogue import ModelKey, model_keys
from portal.figures.learning import FRAME, learning_figures
from tests.fakes import fake_card

KEYS = model_keys()


def _with_history(history: Mapping[str, tuple[float, ...]]) -> ModelCard:
    card = fake_card(KEYS[0])
    return replace(card, training=replace(card.training, history=history))


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_loss_and_auc_are_drawn_with_their_stages(key: ModelKey) -> None:
    card = fake_card(key)
    figures = learning_figures(card)

    assert [figure.key for figure in figures] == ["loss", "auc"]
    for figure in figures:
        assert [line.name for line in figure.lines] == ["training", "validation"]
        assert [stage.name for stage in figure.stages] == list(card.training.stages)


def test_everything_stays_inside_the_frame() -> None:
    for figure in learning_figures(fake_card(KEYS[0])):
        for line in figure.lines:
            for point in line.points.split():
                x, y = map(float, point.split(","))
                assert FRAME.left <= x <= FRAME.right
                assert FRAME.top <= y <= FRAME.bottom


def test_labels_of_curves_that_meet_are_moved_apart() -> None:
    figure = learning_figures(_with_history({"loss": (0.7, 0.5), "val_loss": (0.8, 0.5)}))[0]
    one, other = figure.lines

    assert abs(one.label_y - other.label_y) >= 16


def test_curves_without_values_are_left_out() -> None:
    figures = learning_figures(_with_history({"loss": (0.7, 0.5), "val_auc": ()}))

    assert [figure.key for figure in figures] == ["loss"]
    assert [line.name for line in figures[0].lines] == ["training"]
    assert figures[0].rows[0] == ("1", "0.700", "not measured")


@pytest.mark.parametrize("epochs", [1, 2, 7, 40, 300])
def test_any_number_of_epochs_can_be_drawn(epochs: int) -> None:
    figure = learning_figures(_with_history({"loss": (0.5,) * epochs}))[0]

    assert figure.x_ticks[0].text == "1"
    assert len(figure.x_ticks) <= 8
    assert len(figure.rows) <= 15
    assert figure.rows[-1][0] == str(epochs)


def test_a_history_without_curves_has_no_figure() -> None:
    assert learning_figures(_with_history({})) == ()


def test_the_alternative_text_says_where_the_curves_end() -> None:
    alt = learning_figures(fake_card(KEYS[0]))[1].alt

    assert "validation from 0.540 to 0.790" in alt
