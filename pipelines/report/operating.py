"""The second operating point: few positive images missed, more negative ones called positive."""

from pipelines.aims import SENSITIVITY
from pipelines.report import markdown
from pipelines.report.published import Models

_HEAD = (
    "Model",
    "Threshold",
    "Sensitivity on validation",
    "Sensitivity on test",
    f">= {SENSITIVITY:.2f} on test",
    "Specificity on test",
    "Precision on test",
    "F1 on test",
)


def operating_section(models: Models) -> str:
    """What the second threshold promised on validation, and what it gave on test."""
    rows, held = [], 0
    for key, model in models.items():
        point = model.card.high_sensitivity
        validation, test = point.metrics["validation"], point.metrics["test"]
        kept = test["recall"].value >= SENSITIVITY
        held += kept
        rows.append(
            (
                key.short_title,
                f"{point.threshold.value:.2f}",
                markdown.estimate(validation["recall"]),
                markdown.estimate(test["recall"], SENSITIVITY),
                "kept" if kept else "not kept",
                markdown.estimate(test["specificity"]),
                markdown.estimate(test["precision"]),
                markdown.estimate(test["f1"]),
            )
        )
    rules = {model.card.high_sensitivity.threshold.rule: None for model in models.values()}
    words = (
        f"Rule: {'; or '.join(rules)}. Sensitivity is recall under its clinical name. A value that "
        "was chosen on a few images seldom repeats on others: on test it is kept by "
        f"{held} of {len(models)}."
    )
    return markdown.paragraphs(words, markdown.table(_HEAD, rows))
