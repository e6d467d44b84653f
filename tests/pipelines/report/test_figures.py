import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.axes import Axes

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES
from models.no_skill import no_skill_f1, positive_share
from pipelines.aims import AUC_AIMS
from pipelines.report import Models, Report
from pipelines.report.data import data_of
from pipelines.report.figures import KINDS, NAMES, Drawing, forest
from pipelines.report.figures.decision import useful
from pipelines.report.figures.style import ACCENT, GRAY, INK, LINES, MUTED, looks

LARGEST = 60_000  # bytes
CSS = (Path(__file__).parents[3] / "static" / "portal.css").read_text("utf-8")
TOKENS = dict(re.findall(r"--([a-z-]+): var\(--in-light, (#[0-9a-f]{6})\)", CSS))  # the light ones


def drawn(kind: str, mine: Models) -> Drawing:
    return KINDS[kind](next(iter(mine)).modality, mine)


def panels(drawing: Drawing) -> list[Axes]:
    return drawing.figure.axes


def has_line(axes: Axes, x: object, y: object) -> bool:
    found = [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in axes.lines]
    return any(
        np.array_equal(a, np.asarray(x)) and np.array_equal(b, np.asarray(y)) for a, b in found
    )


def by_panel(drawing: Drawing, mine: Models) -> list[tuple[Axes, Models]]:
    """The panels by strategy, each with its models."""
    parts = [
        {key: model for key, model in mine.items() if key.strategy == strategy}
        for strategy in STRATEGIES.values()
    ]
    return list(zip(panels(drawing), parts, strict=True))


def test_a_report_has_one_figure_of_all_and_every_kind_of_every_modality(whole: Report) -> None:
    names = [drawing.name for drawing in whole.drawings]
    assert sorted(names) == sorted(NAMES)
    assert len(names) == 1 + len(KINDS) * len(MODALITIES)


@pytest.fixture(scope="module")
def svgs(whole: Report) -> dict[str, bytes]:
    """Every figure of the report as its file."""
    return {drawing.name: drawing.svg() for drawing in whole.drawings}


def test_files_are_small_svg_without_a_date(svgs: dict[str, bytes]) -> None:
    for name, svg in svgs.items():
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert len(svg) < LARGEST, name
        assert b"<dc:date>" not in svg
        assert b"<image" not in svg


def test_text_is_text(svgs: dict[str, bytes]) -> None:
    titles = {"ROC AUC on the test images", *(spec.title for spec in BACKBONES.values())}
    for svg in svgs.values():
        words = " ".join("".join(node.itertext()) for node in ET.fromstring(svg).iter())
        assert any(title in words for title in titles | {s.title for s in STRATEGIES.values()})


def test_colours_are_the_pages_own_and_none_of_them_that_of_a_label(
    svgs: dict[str, bytes],
) -> None:
    found = [TOKENS[name] for name in ("ink", "muted", "control", "accent")]
    assert found == [INK, MUTED, GRAY, ACCENT]
    for name, svg in svgs.items():
        colours = set(re.findall(r"#[0-9a-f]{6}\b", svg.decode()))
        if not name.endswith("_confusion"):  # its shades lie between white and the accent
            assert colours <= {*found, "#ffffff", "#000000"}, name


def test_axes_have_the_words_and_the_percents_of_the_portals_figures(mine: Models) -> None:
    modality = next(iter(mine)).modality
    found, positive = f"{modality.found} found, %", modality.labels[1]
    expected = {
        "roc": (
            f"{modality.spared} called {positive}, %\n(false positive rate)",
            f"{found}\n(true positive rate)",
        ),
        "precision_recall": (
            f"{found}\n(recall)",
            f"right among those called {positive}, %\n(precision)",
        ),
        "confusion": ("the model leaned to", "in truth"),
        "calibration": ("probability, %", f"share that are\n{modality.found}, %"),
        "decision": ("calibrated probability from which one acts", "net benefit"),
        "learning": ("epoch", "ROC AUC"),
    }
    assert list(expected) == list(KINDS)
    for kind, (x, y) in expected.items():
        shown = panels(drawn(kind, mine))
        assert (shown[-1].get_xlabel(), shown[0].get_ylabel()) == (x, y)
        if "%" in x:
            for axis in (shown[0].xaxis, shown[0].yaxis):
                assert axis.get_major_formatter().format_ticks([0, 0.2, 1]) == ["0", "20", "100"]


def test_a_figure_is_drawn_the_same_every_time(
    study: Models, whole: Report, svgs: dict[str, bytes]
) -> None:
    (first,) = (drawing for drawing in whole.drawings if drawing.name == "all_models")
    assert first.svg() == svgs["all_models"] == forest(study).svg()


def test_words_for_those_who_do_not_see_it_name_every_model(mine: Models) -> None:
    for kind in KINDS:
        drawing = drawn(kind, mine)
        for key in mine:
            assert f"{key.backbone.title}, {key.strategy.title.lower()}" in drawing.alt
        assert not set("[]|\n") & set(drawing.alt)
        assert drawing.markdown("figures").endswith(f"](figures/{drawing.name}.svg)")


def test_roc_curves_are_those_of_the_cards_with_chance_and_operating_points(mine: Models) -> None:
    for axes, models in by_panel(drawn("roc", mine), mine):
        assert has_line(axes, [0, 1], [0, 1])
        for key, model in models.items():
            card = model.card
            assert has_line(axes, card.roc.false_positive_rate, card.roc.true_positive_rate)
            test = card.metrics["test"]
            assert has_line(axes, [1 - test["specificity"].value], [test["recall"].value])
            legend = {text.get_text() for text in axes.get_legend().get_texts()}
            assert f"{key.backbone.title}, area {test['roc_auc'].value:.3f}" in legend


def test_precision_recall_curves_are_those_of_the_cards_with_the_share(mine: Models) -> None:
    for axes, models in by_panel(drawn("precision_recall", mine), mine):
        assert has_line(axes, [0, 1], [positive_share(data_of(mine))] * 2)
        for model in models.values():
            assert has_line(axes, model.card.pr.recall, model.card.pr.precision)


def test_calibration_shows_before_and_after_with_intervals(mine: Models) -> None:
    for axes, model in zip(panels(drawn("calibration", mine)), mine.values(), strict=True):
        before, after = model.card.calibration.before, model.card.calibration.after
        assert has_line(axes, [0, 1], [0, 1])
        assert has_line(axes, before.predicted, before.observed)
        assert has_line(axes, after.predicted, after.observed)
        (bars,) = (each for each in axes.collections if hasattr(each, "get_segments"))
        ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
        np.testing.assert_allclose(ends, list(zip(after.low, after.high, strict=True)))


def test_decision_curves_are_those_of_the_cards(mine: Models) -> None:
    for axes, models in by_panel(drawn("decision", mine), mine):
        for model in models.values():
            curve = model.card.decision
            assert has_line(axes, curve.threshold, curve.model)
            assert has_line(axes, curve.threshold, curve.act_on_all)


def test_a_model_is_useful_where_it_beats_acting_on_all_and_on_none(mine: Models) -> None:
    for model in mine.values():
        curve = model.card.decision
        better = [
            m > max(a, 0.0) + 1e-9 for m, a in zip(curve.model, curve.act_on_all, strict=True)
        ]
        assert useful(model) == pytest.approx(sum(better) / len(better))


def test_learning_curves_show_both_parts_and_where_stages_begin(mine: Models) -> None:
    for axes, (key, model) in zip(panels(drawn("learning", mine)), mine.items(), strict=True):
        training = model.card.training
        epochs = np.arange(1, training.epochs + 1)
        assert has_line(axes, epochs, training.history["auc"])
        assert has_line(axes, epochs, training.history["val_auc"])
        thin, bold = axes.lines[:2]  # as on the portal's pages
        assert (thin.get_color(), bold.get_color()) == (MUTED, ACCENT)
        assert thin.get_linewidth() < bold.get_linewidth()
        assert ", then ".join(training.stages) in drawn("learning", mine).words
        begins = [first - 0.5 for first in list(training.stages.values())[1:]]
        assert len(begins) == int(key.strategy.staged)
        assert all(has_line(axes, [begin] * 2, [0, 1]) for begin in begins)


def test_confusion_matrices_show_counts_and_shares(mine: Models) -> None:
    for axes, model in zip(panels(drawn("confusion", mine)), mine.values(), strict=True):
        counts = model.card.confusion
        negative = counts.true_negative + counts.false_positive
        positive = counts.false_negative + counts.true_positive
        assert [text.get_text() for text in axes.texts] == [
            f"{count}\n{100 * count / whole:.0f} %\n{meaning}"
            for count, whole, meaning in (
                (counts.true_negative, negative, "rightly passed"),
                (counts.false_positive, negative, "false alarms"),
                (counts.false_negative, positive, "missed"),
                (counts.true_positive, positive, "found"),
            )
        ]
        place, modality = axes.get_subplotspec(), next(iter(mine)).modality
        truths = [modality.spared, modality.found]
        shown = [tick.get_text().lower().replace("\n", " ") for tick in axes.get_yticklabels()]
        assert shown == (truths if place.is_first_col() else [])
        shown = [tick.get_text() for tick in axes.get_xticklabels()]
        assert shown == (list(modality.labels) if place.is_last_row() else [])


def test_a_model_that_is_missing_has_a_panel_that_says_so(mine: Models) -> None:
    one, *others = mine
    for kind in ("confusion", "calibration", "learning"):
        shown = panels(drawn(kind, {key: mine[key] for key in others}))
        told = [any(text.get_text() == "not published" for text in axes.texts) for axes in shown]
        assert told == [key == one for key in mine]


def test_the_forest_has_every_value_with_its_interval_and_the_aims(study: Models) -> None:
    left, right = panels(forest(study))
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == [key.short_title for key in study]
    assert [axes.get_xlabel() for axes in (left, right)] == [
        "F1 on the test images",
        "ROC AUC on the test images",
    ]
    heights = dict(zip(study, left.get_yticks(), strict=True))
    for axes, metric in ((left, "f1"), (right, "roc_auc")):
        for key, model in study.items():
            found, y = model.card.metrics["test"][metric], heights[key]
            assert has_line(axes, [found.low, found.high], [y, y])
            assert has_line(axes, [found.value], [y])
    told = [text.get_text() for text in left.texts]
    assert [text for text in told if text in {each.title for each in MODALITIES.values()}] == [
        modality.title for modality in MODALITIES.values()
    ]
    told = [text.get_text() for text in right.texts]
    assert told.count("no skill 0.50") == len(MODALITIES)
    assert {text for text in told if text.startswith("aim")} == {
        f"aim {aim:.2f}" for aim in AUC_AIMS.values()
    }
    aims = [lines.get_segments()[0][0][0] for lines in right.collections]
    assert set(aims) == {0.5, *AUC_AIMS.values()}
    bars = {float(lines.get_segments()[0][0][0]) for lines in left.collections}
    rules = {no_skill_f1(model.card.data) for model in study.values()}
    assert bars == {0.7, *rules}


def test_lines_look_different_and_neighbours_differ_in_colour_and_dashes() -> None:
    found = list(looks())
    assert len(set(found)) == len(found) == 9
    for (colour, dashes), (next_colour, next_dashes) in pairwise([*found, found[0]]):
        assert colour != next_colour
        assert dashes != next_dashes
    assert list(LINES.values()) == found[: len(LINES)]
