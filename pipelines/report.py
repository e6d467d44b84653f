"""The report: comparative tables of the published models, from their cards alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from models import checkpoint
from models.card import Estimate, ModelCard
from models.catalogue import MODALITIES, ModelKey, model_keys
from models.specs import ModalitySpec

_COLUMNS = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "specificity": "Specificity",
    "f1": "F1",
    "roc_auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "brier": "Brier",
}


def published_cards(folder: Path) -> Mapping[ModelKey, ModelCard]:
    """The cards of the models that are installed, in the catalogue's order.

    Raises:
        CheckpointRefused: a file is there, but is no valid checkpoint.
    """
    paths = {key: folder / key.checkpoint for key in model_keys()}
    return {key: checkpoint.read_card(path) for key, path in paths.items() if path.is_file()}


def report(cards: Mapping[ModelKey, ModelCard]) -> str:
    """The whole report as Markdown."""
    head = (
        "# Report\n\nTest images were used once, after the threshold had been chosen on "
        "validation. Brackets hold 95 % intervals from 2,000 resamplings of whole groups. "
        "This file is written by `python -m pipelines report`.\n"
    )
    sections = (_section(modality, cards) for modality in MODALITIES.values())
    return "\n".join((head, *sections))


def _section(modality: ModalitySpec, cards: Mapping[ModelKey, ModelCard]) -> str:
    mine = {key: card for key, card in cards.items() if key.modality == modality}
    if not mine:
        return f"## {modality.title}\n\nNo model is published yet.\n"
    best = max(mine, key=lambda key: mine[key].metrics["test"]["roc_auc"].value)
    data = next(iter(mine.values())).data
    negative, positive = data.counts["test"]
    facts = (
        f"{data.name}; test: {positive} positive and {negative} negative {data.unit}s of "
        f"{data.groups['test']} groups ({data.group}). Highest ROC AUC: {best.title}; the "
        "intervals say how little that may mean.\n"
    )
    return "\n".join((f"## {modality.title}\n", facts, _table(mine), ""))


def _table(cards: Mapping[ModelKey, ModelCard]) -> str:
    head = ("Backbone", "Strategy", "Threshold", *_COLUMNS.values())
    rows = [
        (
            key.backbone.title,
            key.strategy.title,
            f"{card.threshold.value:.2f}",
            *(_cell(card.metrics["test"][name]) for name in _COLUMNS),
        )
        for key, card in cards.items()
    ]
    return "\n".join(_row(row) for row in (head, ("---",) * len(head), *rows))


def _cell(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
