"""The report: comparative tables of the published models, from their cards alone."""

from collections.abc import Collection, Iterable, Mapping
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
_HEADLINE = ("recall", "specificity", "f1", "roc_auc")


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
        "# Report\n\nBest epoch and threshold were chosen on validation images; the numbers are "
        "those of test images, which no model learnt from. Brackets hold 95 % intervals from "
        "2,000 resamplings of whole groups. This file is written by `python -m pipelines report`.\n"
    )
    sections = (_section(modality, cards) for modality in MODALITIES.values())
    return "\n".join((head, *sections))


_BEGIN, _END = "<!-- results -->", "<!-- /results -->"


def with_results(readme: str, cards: Mapping[ModelKey, ModelCard]) -> str:
    """The README with a short table of all models between its two marks."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{_short_table(cards)}\n{_END}{after}"


def _short_table(cards: Mapping[ModelKey, ModelCard]) -> str:
    head = ("Model", "F1 (95 % interval)", "ROC AUC (95 % interval)")
    rows = [
        (f"`{key.slug}`", *(_cell(card.metrics["test"][name]) for name in ("f1", "roc_auc")))
        for key, card in cards.items()
    ]
    return "\n".join(_row(row) for row in (head, ("---",) * len(head), *rows))


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


def overview(modality: ModalitySpec, cards: Mapping[ModelKey, ModelCard]) -> str:
    """The models of one modality and their chief metrics as a short Markdown table.

    Without any model of the modality, a sentence that says so.
    """
    mine = {key: card for key, card in cards.items() if key.modality == modality}
    if not mine:
        return f"No {modality.title.lower()} model is published yet."
    return _table(mine, _HEADLINE)


def metrics_table(metrics: Mapping[str, Estimate]) -> str:
    """The metrics of one model as a Markdown table with their 95 % intervals."""
    rows = (
        (_COLUMNS[name], f"{found.value:.3f}", f"{found.low:.3f}-{found.high:.3f}")
        for name, found in metrics.items()
    )
    return _markdown(("Metric", "Value", "95 % interval"), rows)


def _table(cards: Mapping[ModelKey, ModelCard], metrics: Collection[str] = _COLUMNS) -> str:
    rows = (
        (
            key.backbone.title,
            key.strategy.title,
            f"{card.threshold.value:.2f}",
            *(_cell(card.metrics["test"][name]) for name in metrics),
        )
        for key, card in cards.items()
    )
    titles = (_COLUMNS[name] for name in metrics)
    return _markdown(("Backbone", "Strategy", "Threshold", *titles), rows)


def _markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(_row(row) for row in (head, ("---",) * len(head), *rows))


def _cell(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f}-{estimate.high:.3f})"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
