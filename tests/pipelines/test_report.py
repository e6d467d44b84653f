from dataclasses import replace
from pathlib import Path

import pytest

from models import checkpoint
from models.card import Estimate, ModelCard
from models.catalogue import MODALITIES, STRATEGIES, ModelKey, model_keys
from pipelines.report import (
    metrics_table,
    overview,
    published_cards,
    report,
    with_results,
)
from tests.fakes import fake_card

CARDS = {key: fake_card(key) for key in model_keys()}


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, without heads and lines."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[0] not in ("Backbone", "---")]


def with_auc(key: ModelKey, value: float) -> ModelCard:
    card = fake_card(key)
    test = {**card.metrics["test"], "roc_auc": Estimate(value=value, low=value, high=value)}
    return replace(card, metrics={**card.metrics, "test": test})


def test_every_card_has_a_row_under_its_modality() -> None:
    sections = report(CARDS).split("\n## ")[1:]
    assert len(rows(report(CARDS))) == len(CARDS)
    for section, modality in zip(sections, MODALITIES.values(), strict=True):
        assert section.startswith(f"{modality.title}\n")
        mine = [key for key in CARDS if key.modality == modality]
        found = [tuple(row[:2]) for row in rows(section)]
        assert found == [(key.backbone.title, key.strategy.title) for key in mine]


def test_tables_are_even() -> None:
    lines = [line for line in report(CARDS).splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    assert len(lines) == len(CARDS) + 2 * len(MODALITIES)


def test_numbers_are_those_of_the_test_images() -> None:
    key = next(iter(CARDS))
    card = fake_card(key, threshold=0.27)
    test = dict(card.metrics["test"], recall=Estimate(value=0.5, low=0.25, high=0.75))
    found = rows(report({key: replace(card, metrics={**card.metrics, "test": test})}))[0]
    assert found[2] == "0.27"
    assert "0.500 (0.250-0.750)" in found
    assert found.count("0.900 (0.810-0.960)") == len(card.metrics["test"]) - 1


def test_the_highest_area_is_named() -> None:
    modality = next(iter(MODALITIES.values()))
    mine = [key for key in CARDS if key.modality == modality]
    cards = {key: with_auc(key, 0.6 + 0.01 * number) for number, key in enumerate(mine)}
    assert f"Highest ROC AUC: {mine[-1].title};" in report(cards)


def test_a_modality_without_models_says_so() -> None:
    modality = next(iter(MODALITIES.values()))
    text = report({key: card for key, card in CARDS.items() if key.modality != modality})
    assert f"## {modality.title}\n\nNo model is published yet." in text
    assert len(rows(text)) == len(CARDS) - len(CARDS) // len(MODALITIES)
    assert report({}).count("No model is published yet.") == len(MODALITIES)


def test_published_cards_are_those_that_are_installed(installed: Path, tmp_path: Path) -> None:
    assert published_cards(installed).keys() == CARDS.keys()
    assert published_cards(tmp_path) == {}
    assert len(CARDS) % len(STRATEGIES) == 0


def test_a_damaged_checkpoint_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / next(iter(CARDS)).checkpoint
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no model")
    with pytest.raises(checkpoint.DamagedCheckpoint):
        published_cards(tmp_path)


def test_the_readme_gets_a_short_table_and_keeps_the_rest() -> None:
    readme = "# Title\n\n<!-- results -->\nold\n<!-- /results -->\n\nThe end.\n"
    written = with_results(readme, CARDS)
    assert written.startswith("# Title\n\n<!-- results -->\n| Model")
    assert written.endswith("|\n<!-- /results -->\n\nThe end.\n")
    assert "old" not in written
    assert written.count("0.900 (0.810-0.960)") == 2 * len(CARDS)
    assert with_results(written, CARDS) == written


def test_the_published_numbers_are_those_of_the_shipped_files() -> None:
    cards = published_cards(Path("models", "checkpoints"))
    readme = Path("README.md").read_text("utf-8")
    assert with_results(readme, cards) == readme
    assert Path("docs", "report.md").read_text("utf-8") == report(cards)


def test_an_overview_has_the_models_of_one_modality() -> None:
    for modality in MODALITIES.values():
        mine = [key for key in CARDS if key.modality == modality]
        assert len(rows(overview(modality, CARDS))) == len(mine)
        assert overview(modality, {}) == f"No {modality.title.lower()} model is published yet."


def test_the_metrics_of_a_model_are_a_table_of_their_own() -> None:
    card = next(iter(CARDS.values()))
    lines = metrics_table(card.metrics["test"]).splitlines()
    assert lines[0] == "| Metric | Value | 95 % interval |"
    assert len(lines) == 2 + len(card.metrics["test"])
    assert "| F1 | 0.900 | 0.810-0.960 |" in lines
