"""Tables of metrics: of one model, of a modality in short, of a modality in full."""

from collections.abc import Collection, Mapping

from models.card import Estimate, ModelCard
from models.catalogue import ModelKey
from models.specs import ModalitySpec
from pipelines.report import markdown

COLUMNS = {
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


def metrics_table(metrics: Mapping[str, Estimate]) -> str:
    """The metrics of one model as a Markdown table with their 95 % intervals."""
    rows = (
        (COLUMNS[name], f"{found.value:.3f}", f"{found.low:.3f}-{found.high:.3f}")
        for name, found in metrics.items()
    )
    return markdown.table(("Metric", "Value", "95 % interval"), rows)


def overview(modality: ModalitySpec, cards: Mapping[ModelKey, ModelCard]) -> str:
    """The models of one modality and their chief metrics as a short Markdown table.

    Without any model of the modality, a sentence that says so.
    """
    mine = {key: card for key, card in cards.items() if key.modality == modality}
    if not mine:
        return f"No {modality.title.lower()} model is published yet."
    return models_table(mine, _HEADLINE)


def models_table(cards: Mapping[ModelKey, ModelCard], metrics: Collection[str] = COLUMNS) -> str:
    """Metrics of models of one modality on its test images, a row per model."""
    rows = (
        (
            key.backbone.title,
            key.strategy.title,
            f"{card.threshold.value:.2f}",
            *(markdown.estimate(card.metrics["test"][name]) for name in metrics),
        )
        for key, card in cards.items()
    )
    titles = (COLUMNS[name] for name in metrics)
    return markdown.table(("Backbone", "Strategy", "Threshold", *titles), rows)
