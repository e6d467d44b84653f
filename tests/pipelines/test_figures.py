from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from models.card import Reliability
from models.catalogue import STRATEGIES, model_keys
from pipelines.figures import (
    calibration,
    confusion_matrix,
    decision,
    draw_figures,
    learning_curves,
    pr,
    roc,
)
from tests.fakes import fake_card

KEYS = [next(key for key in model_keys() if key.strategy == each) for each in STRATEGIES.values()]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_every_figure_is_written_as_svg(key, tmp_path: Path) -> None:
    draw_figures(fake_card(key), tmp_path / "run" / "figures")
    found = sorted((tmp_path / "run" / "figures").iterdir())
    assert [path.name for path in found] == [
        "calibration.svg",
        "confusion_matrix.svg",
        "decision.svg",
        "learning_curves.svg",
        "pr.svg",
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


def test_the_roc_has_the_no_skill_diagonal_and_the_operating_points() -> None:
    card = fake_card(KEYS[0])
    (axes,) = roc(card).axes
    diagonal, curve, *points = axes.lines
    np.testing.assert_array_equal(diagonal.get_xydata(), [[0, 0], [1, 1]])
    assert tuple(curve.get_xdata()) == card.roc.false_positive_rate
    assert tuple(curve.get_ydata()) == card.roc.true_positive_rate
    expected = [
        [[1 - point.metrics["test"]["specificity"].value, point.metrics["test"]["recall"].value]]
        for point in card.points.values()
    ]
    np.testing.assert_allclose([point.get_xydata() for point in points], expected)
    assert axes.get_title() == "AUC 0.900 (95 % interval 0.810-0.960)"
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["Best F1: from 0.41", "High sensitivity: from 0.20"]


def test_the_precision_recall_curve_has_the_share_of_positive_images_and_the_points() -> None:
    card = fake_card(KEYS[0])
    (axes,) = pr(card).axes
    share, curve, *points = axes.lines
    assert set(share.get_ydata()) == {29 / 88}
    assert tuple(curve.get_xdata()) == card.pr.recall
    assert tuple(curve.get_ydata()) == card.pr.precision
    expected = [
        [[point.metrics["test"]["recall"].value, point.metrics["test"]["precision"].value]]
        for point in card.points.values()
    ]
    np.testing.assert_allclose([point.get_xydata() for point in points], expected)
    assert axes.get_title() == "PR AUC 0.900 (95 % interval 0.810-0.960)"


def test_calibration_shows_bins_with_intervals_before_and_after() -> None:
    card = fake_card(KEYS[0])
    after = Reliability(
        predicted=(0.2, 0.6),
        observed=(0.0, 0.7),
        low=(0.0, 0.5),
        high=(0.2, 0.8),
        count=(9, 9),
        expected_error=0.15,
    )
    card = replace(card, calibration=replace(card.calibration, after=after))
    figure = calibration(card)
    for axes, bins in zip(figure.axes, (card.calibration.before, after), strict=True):
        diagonal, points = axes.lines[:2]
        np.testing.assert_array_equal(diagonal.get_xydata(), [[0, 0], [1, 1]])
        np.testing.assert_allclose(
            points.get_xydata(), np.column_stack((bins.predicted, bins.observed))
        )
        (bars,) = axes.collections
        ends = [[segment[0, 1], segment[1, 1]] for segment in bars.get_segments()]
        np.testing.assert_allclose(ends, np.column_stack((bins.low, bins.high)))
    before, after_axes = figure.axes
    assert before.get_title() == "Before: off by 0.116 on average"
    assert "29-30 test images" in before.get_xlabel()
    assert after_axes.get_title() == "After: off by 0.150 on average"
    assert "(9 test images" in after_axes.get_xlabel()


def test_the_decision_curve_stands_beside_acting_on_all_and_on_none() -> None:
    card = fake_card(KEYS[0])
    (axes,) = decision(card).axes
    none, everyone, model = axes.lines
    assert set(none.get_ydata()) == {0.0}
    assert tuple(everyone.get_ydata()) == card.decision.act_on_all
    assert tuple(model.get_ydata()) == card.decision.model
    assert tuple(model.get_xdata()) == tuple(everyone.get_xdata()) == card.decision.threshold
    assert axes.get_ylim()[1] > max(card.decision.model)
