"""The short table of the README, between its two marks."""

from collections.abc import Mapping
from pathlib import Path

from models.card import ModelCard
from models.catalogue import ModelKey
from models.required_f1 import REQUIRED_F1, meets_required_f1
from pipelines.errors import PipelineRefused
from pipelines.report import markdown

_BEGIN, _END = "<!-- results -->", "<!-- /results -->"


class ReadmeRefused(PipelineRefused):
    title = "The short table cannot be put into the README"
    action = f"Put the lines `{_BEGIN}` and `{_END}` where the table should stand."


def read_readme(path: Path) -> str:
    """The README's text.

    Raises:
        ReadmeRefused: there is no such file.
    """
    if not path.is_file():
        raise ReadmeRefused(
            expected=f"a file {path}",
            received="none",
            action="Run the command in the project's own folder.",
        )
    return path.read_text("utf-8")


def with_results(readme: str, cards: Mapping[ModelKey, ModelCard]) -> str:
    """The README with a short table of all models between its two marks.

    Raises:
        ReadmeRefused: one of the marks is missing, doubled or before the other.
    """
    places = [(mark, readme.count(mark)) for mark in (_BEGIN, _END)]
    if any(count != 1 for _, count in places) or readme.index(_BEGIN) > readme.index(_END):
        raise ReadmeRefused(
            expected=f"one `{_BEGIN}` and, after it, one `{_END}`",
            received=", ".join(f"{count} `{mark}`" for mark, count in places),
        )
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{_short_table(cards)}\n{_END}{after}"


def _short_table(cards: Mapping[ModelKey, ModelCard]) -> str:
    head = (
        "Model",
        "F1 (95 % interval)",
        f"F1 >= {REQUIRED_F1:.2f}",
        "ROC AUC (95 % interval)",
    )
    rows = (
        (
            f"`{key.slug}`",
            markdown.estimate(card.metrics["test"]["f1"], REQUIRED_F1),
            markdown.met(meets_required_f1(card.metrics["test"]["f1"])),
            markdown.estimate(card.metrics["test"]["roc_auc"]),
        )
        for key, card in cards.items()
    )
    return markdown.table(head, rows)
