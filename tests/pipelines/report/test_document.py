import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from models.catalogue import BACKBONES, MODALITIES, STRATEGIES, model_keys
from models.count_words import in_words
from pipelines.report import Models, Report, report
from pipelines.report.document import _best
from tests.pipelines.report import studies


def headings(text: str) -> list[tuple[str, str]]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [
        (token.tag, tokens[i + 1].content)
        for i, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def test_it_begins_with_what_was_held_out_and_ends_with_limits(whole: Report) -> None:
    chapters = [title for tag, title in headings(whole.text) if tag == "h2"]
    assert chapters == [
        "What was held out",
        "Summary",
        *(modality.title for modality in MODALITIES.values()),
        "First weights, time and settings",
        "Limits",
    ]


def test_it_counts_what_the_catalogue_has(whole: Report) -> None:
    networks, ways, modalities = map(in_words, map(len, (BACKBONES, STRATEGIES, MODALITIES)))
    told = f"{networks} networks, {ways} ways of training, {modalities} modalities: "
    assert whole.text.splitlines()[2].lower().startswith(told)


def test_no_two_headings_are_alike(whole: Report) -> None:
    titles = [title for _, title in headings(whole.text)]
    assert len(set(titles)) == len(titles)


def test_every_table_is_even(whole: Report) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", whole.text, flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(widths) == 1, table


def test_every_figure_is_shown_once_and_no_other(whole: Report) -> None:
    shown = re.findall(r"^!\[.+\]\(figures/(\w+)\.svg\)$", whole.text, flags=re.MULTILINE)
    assert sorted(shown) == sorted(drawing.name for drawing in whole.drawings)


def test_nothing_is_undefined(whole: Report) -> None:
    assert not re.search(r"\b(?:nan|inf|None|np\.)\b", whole.text)


def test_the_program_of_the_report_prints_what_the_report_says(
    whole: Report,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    slug, f1, area = re.findall(
        r"For example `(\w+)`; with scikit-learn this prints ([\d.]+) and ([\d.]+):", whole.text
    )[0]
    (program,) = re.findall(r"```python\n(.*?)```", whole.text, flags=re.DOTALL)
    studies.write_predictions(tmp_path, slug)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "report.md", "exec"), {})
    assert capsys.readouterr().out.split() == [f1, area]


def test_a_report_of_a_part_says_what_is_missing(study: Models) -> None:
    modality = next(iter(MODALITIES.values()))
    base = next(iter(STRATEGIES.values()))
    part = {
        key: model
        for key, model in study.items()
        if key.modality == modality and key.strategy == base
    }
    made = report(part)
    assert f"not complete: {len(part)} of {len(model_keys())} models are published" in made.text
    for key in model_keys():
        assert f"`{key.slug}`" in made.text
    assert made.text.count("No model is published yet.") == len(MODALITIES) - 1
    assert "does fine-tuning help?" not in made.text
    assert len(made.drawings) == 7


def test_a_single_model_has_nothing_to_be_compared_with(study: Models) -> None:
    key = model_keys()[-1]
    made = report({key: study[key]})
    assert "There is no other model to compare it with." in made.text


def test_without_any_model_the_report_says_so() -> None:
    made = report({})
    assert made.text.endswith("No model is published yet.\n")
    assert made.drawings == ()


def test_the_best_on_test_stands_beside_the_choice_of_validation(study: Models) -> None:
    modality = next(iter(MODALITIES.values()))
    mine = {key: model for key, model in study.items() if key.modality == modality}
    areas = {key: model.card.metrics["test"]["roc_auc"].value for key, model in mine.items()}
    best = max(areas, key=lambda key: areas[key])
    worst = min(areas, key=lambda key: areas[key])
    models = {key: _with_validation_area(model, float(key == worst)) for key, model in mine.items()}
    text = _best(models)
    assert f"Highest area under the ROC: {best.backbone.title}" in text
    assert f"Validation would have chosen {worst.backbone.title}" in text
    f1 = {key: model.card.metrics["test"]["f1"].value for key, model in mine.items()}
    highest = max(f1, key=lambda key: f1[key])
    assert f"Highest F1: {highest.short_title}, {f1[highest]:.3f} (" in text
    models = {key: _with_validation_area(model, float(key == best)) for key, model in mine.items()}
    assert "Validation would have chosen the same model." in _best(models)


def _with_validation_area(model: studies.Published, value: float) -> studies.Published:
    card = model.card
    found = {**card.metrics["validation"]}
    found["roc_auc"] = replace(found["roc_auc"], value=value, low=0.0, high=1.0)
    return replace(model, card=replace(card, metrics={**card.metrics, "validation": found}))
