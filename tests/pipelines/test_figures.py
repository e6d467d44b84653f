from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from models.catalogue import STRATEGIES, model_keys
from pipelines.figures import confusion_matrix, draw_figures, learning_curves, roc
from tests.fakes import fake_card

KEYS = [next(key for key in model_keys() if key.strategy == each) for each in STRATEGIES.values()]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_three_figures_are_written_as_svg(key, tmp_path: Path) -> None:
    draw_figures(fake_card(key), tmp_path / "run" / "figures")
    found = sorted((tmp_path / "run" / "figures").iterdir())
    assert [path.name for path in found] == [
        "confusion_matrix.svg",
        "learning_curves.svg",
        "roc.svg",
    ]
    for path in found:
        assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_learning_curves_show_both_parts_and_where_stages_begin(key) -> None:
    card = fake_card(key)
    loss, auc = learning_curves(card).axes
    for axes, metric in ((loss, "loss"), (auc, "auc")):
        curves = [line for line in axes.lines if len(line.get_xdata()) == card.training.epochs]
        shown = [tuple(line.get_ydata()) for line in curves]
        assert shown == [card.training.history[metric], card.training.history[f"val_{metric}"]]
        told = {text.get_text() for text in axes.texts}
        assert told >= {"training", "validation"}
        if len(card.training.stages) > 1:
            assert told >= card.training.stages.keys()


def test_the_confusion_matrix_shows_counts_by_label() -> None:
    card = fake_card(KEYS[0])
    (axes,) = confusion_matrix(card).axes
    counts = [int(text.get_text()) for text in axes.texts]
    assert counts == [47, 12, 3, 26]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(card.labels)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(card.labels)
    assert "0.41" in axes.get_title()


def test_the_roc_has_the_no_skill_diagonal_and_the_operating_point() -> None:
    card = fake_card(KEYS[0])
    (axes,) = roc(card).axes
    diagonal, curve, point = axes.lines
    np.testing.assert_array_equal(diagonal.get_xydata(), [[0, 0], [1, 1]])
    assert tuple(curve.get_xdata()) == card.roc.false_positive_rate
    assert tuple(curve.get_ydata()) == card.roc.true_positive_rate
    test = card.metrics["test"]
    np.testing.assert_allclose(
        point.get_xydata(), [[1 - test["specificity"].value, test["recall"].value]]
    )
    assert axes.get_title() == "AUC 0.900 (95 % interval 0.810-0.960)"
