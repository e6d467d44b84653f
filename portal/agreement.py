"""Whether models agree, as one sentence."""

from collections import Counter
from collections.abc import Sequence

from portal.verdict import Verdict

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def agreement(verdicts: Sequence[Verdict | None]) -> str | None:
    """What the models say together; None in place of a verdict is a model without an answer.

    Returns:
        One or two sentences, or None when no model answered.
    """
    labels = [verdict.label for verdict in verdicts if verdict is not None]
    if not labels:
        return None
    if len(labels) == 1 < len(verdicts):
        return f"Only one of {_word(len(verdicts))} models answered; it says {labels[0]}."
    silent = len(verdicts) - len(labels)
    return f"{_said(labels)} {_models(silent)} gave no answer." if silent else _said(labels)


def _said(labels: Sequence[str]) -> str:
    counts = Counter(labels).most_common()
    if len(labels) == 1:
        return f"The model says {labels[0]}."
    if len(counts) == 1:
        every = "Both" if len(labels) == 2 else f"All {_word(len(labels))}"
        return f"{every} models say {labels[0]}."
    (first, most), (second, fewer) = counts
    return (
        f"The models disagree: {most} of {len(labels)} {_say(most)} {first}, "
        f"{fewer} {_say(fewer)} {second}."
    )


def _word(count: int) -> str:
    return _WORDS[count] if count < len(_WORDS) else str(count)


def _models(count: int) -> str:
    return f"{_word(count).capitalize()} model{'' if count == 1 else 's'}"


def _say(count: int) -> str:
    return "says" if count == 1 else "say"
