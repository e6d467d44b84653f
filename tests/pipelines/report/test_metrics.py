from dataclasses import replace

from models.card import Estimate
from models.catalogue import MODALITIES, model_keys
from pipelines.report import metrics_table, overview
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
