from dataclasses import replace
from pathlib import Path

import pytest

from models import checkpoint
from models.card import Estimate
from models.catalogue import MODALITIES, STRATEGIES, model_keys
from pipelines.report import metrics_table, overview, published_cards
from tests.fakes import fake_card

CARDS = {key: fake_card(key) for key in model_keys()}


def rows(text: str) -> list[list[str]]:
    """The cells of every row of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_an_overview_has_the_models_of_one_modality() -> None:
    for modality in MODALITIES.values():
        mine = [key for key in CARDS if key.modality == modality]
        found = [tuple(row[:2]) for row in rows(overview(modality, CARDS))]
        assert found == [(key.backbone.title, key.strategy.title) for key in mine]
        assert overview(modality, {}) == f"No {modality.title.lower()} model is published yet."


def test_an_overview_has_the_numbers_of_the_test_images() -> None:
    key = next(iter(CARDS))
    card = fake_card(key, threshold=0.27)
    test = dict(card.metrics["test"], recall=Estimate(value=0.5, low=0.25, high=0.75))
    shown = replace(card, metrics={**card.metrics, "test": test})
    (row,) = rows(overview(key.modality, {key: shown}))
    assert row[2:4] == ["0.27", "0.500 (0.250-0.750)"]
    assert row.count("0.900 (0.810-0.960)") == 3


def test_the_metrics_of_a_model_are_a_table_of_their_own() -> None:
    card = next(iter(CARDS.values()))
    lines = metrics_table(card.metrics["test"]).splitlines()
    assert lines[0] == "| Metric | Value | 95 % interval |"
    assert len(lines) == 2 + len(card.metrics["test"])
    assert "| F1 | 0.900 | 0.810-0.960 |" in lines


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
