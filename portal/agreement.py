"""Whether models agree: one signal, and one sentence that says it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.count_words import in_words
from portal.uncertainty import UNCERTAIN
from portal.verdict import Verdict

Signal = Literal["agree", "undecided", "disagree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the models say together."""

    signal: Signal
    sentence: str


def agreement(verdicts: Sequence[Verdict | None]) -> Agreement | None:
    """What the models say together; None in place of a verdict is a model without an answer.

    Models disagree where one says one label and another the other; one that is uncertain
    contradicts nobody, but leaves the question open.

    Returns:
        None when no model answered.
    """
    words = [verdict.word for verdict in verdicts if verdict is not None]
    if not words:
        return None
    if len(words) == 1 < len(verdicts):
        only = f"Only one of {in_words(len(verdicts))} models answered; it {_says(1, words[0])}."
        return Agreement(signal="undecided", sentence=only)
    silent = len(verdicts) - len(words)
    rest = f" {_models(silent)} gave no answer." if silent else ""
    signal, said = _said(Counter(words))
    return Agreement(signal=signal, sentence=f"{said}{rest}")


def _said(counts: Counter[str]) -> tuple[Signal, str]:
    total, uncertain = counts.total(), counts.get(UNCERTAIN, 0)
    firm = [(label, count) for label, count in counts.most_common() if label != UNCERTAIN]
    if len(firm) > 1:
        (first, most), (second, fewer) = firm
        open_ones = f", {uncertain} {_says(uncertain, UNCERTAIN)}" if uncertain else ""
        return "disagree", (
            f"The models disagree: {most} of {total} {_says(most, first)}, "
            f"{fewer} {_says(fewer, second)}{open_ones}."
        )
    if firm and uncertain:
        ((label, count),) = firm
        return "undecided", (
            f"{count} of {total} models {_says(count, label)}; "
            f"{uncertain} {_says(uncertain, UNCERTAIN)}."
        )
    (only,) = counts
    return "undecided" if uncertain else "agree", f"{_every(total)} {_says(total, only)}."


def _every(total: int) -> str:
    if total == 1:
        return "The model"
    return "Both models" if total == 2 else f"All {in_words(total)} models"


def _models(count: int) -> str:
    return f"{in_words(count).capitalize()} model{'' if count == 1 else 's'}"


def _says(count: int, word: str) -> str:
    if word == UNCERTAIN:
        return "is uncertain" if count == 1 else "are uncertain"
    return f"says {word}" if count == 1 else f"say {word}"
