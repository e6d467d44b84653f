"""Limitations: what a reader must know before trusting a model, in sentences."""

from collections.abc import Collection

from models.beside import MOST_PLACES, beside
from models.card import DataSummary
from models.no_skill import positive_share
from models.paired_areas import FEW_GROUPS
from models.required_f1 import REQUIRED_F1
from pipelines.aims import COMPACTION_COST, SENSITIVITY
from pipelines.evaluator import Judgement


def limitations(
    data: DataSummary, judged: Judgement, asked: int, taught_by: Collection[str] = ()
) -> tuple[str, ...]:
    """The sentences that apply, the gravest first.

    Args:
        data: what the model was trained and tested on.
        judged: how it did.
        asked: how many validation images chose its thresholds and its calibration.
        taught_by: titles of the data sets that its first weights learnt from, where they tell.
    """
    found = (
        _too_low(judged),
        _cost_of_compaction(judged),
        _few_groups(data),
        _one_source(data),
        _missed_sensitivity(judged),
        _prevalence(data),
        _calibration(data, judged, asked),
        "An image of another kind gets a verdict too; only the check of the input may notice.",
        _other_terms(data, taught_by),
    )
    return tuple(sentence for sentence in found if sentence)


def _other_terms(data: DataSummary, taught_by: Collection[str]) -> str:
    others = sorted(set(taught_by) - {data.name})
    if not others:
        return ""
    return f"Its first weights also learnt from {' and '.join(others)}: those terms bear on it too."


def _too_low(judged: Judgement) -> str:
    f1 = judged.metrics["test"]["f1"].value
    if f1 >= REQUIRED_F1:
        return ""
    return (
        f"F1 on the test images is {beside(f1, REQUIRED_F1, 3)}, below the required "
        f"{REQUIRED_F1:.2f}."
    )


def _cost_of_compaction(judged: Judgement) -> str:
    dense, shipped = judged.dense_f1, judged.metrics["test"]["f1"].value
    if dense is None:
        return ""
    cost = round(dense - shipped, MOST_PLACES)
    if cost <= COMPACTION_COST:
        return ""
    written = beside(cost, COMPACTION_COST, 3)
    return f"Compaction cost {written} of F1: before it, F1 was {dense:.3f}."


def _few_groups(data: DataSummary) -> str:
    groups = data.groups["test"]
    if groups >= FEW_GROUPS:
        return ""
    if groups == 1:
        return "All test images are one group: the intervals are those of a single trial."
    return f"With {groups} test groups the intervals are rough and likely too narrow."


def _one_source(data: DataSummary) -> str:
    (negative, positive), groups = data.counts["test"], data.groups["test"]
    return (
        f"Tested on {positive} positive and {negative} negative {data.unit}s of one data set "
        f"({groups} group{'s' * (groups != 1)} by {data.group}); other scanners, laboratories and "
        "populations were not seen."
    )


def _missed_sensitivity(judged: Judgement) -> str:
    recall = judged.high_sensitivity.metrics["test"]["recall"]
    if recall.value >= SENSITIVITY:
        return ""
    return (
        f"The threshold for a sensitivity of {SENSITIVITY:.2f} found only "
        f"{beside(recall.value, SENSITIVITY, 2)} "
        f"({recall.low:.2f} to {recall.high:.2f}) of the positive test images."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\u00a0%"


def _prevalence(data: DataSummary) -> str:
    return (
        f"Precision and F1 belong to a test set with {_percent(positive_share(data))} "
        f"positive {data.unit}s; where these are rarer, as in screening, both are lower."
    )


def _calibration(data: DataSummary, judged: Judgement, asked: int) -> str:
    negative, positive = data.counts["validation"]
    share = _percent(positive_share(data, "validation"))
    count_as = "" if asked == negative + positive else f", which count as {negative + positive}"
    after = judged.calibration.after
    widest = max(high - low for low, high in zip(after.low, after.high, strict=True))
    return (
        f"The calibrated probability was fitted on {asked} validation {data.unit}s{count_as}, "
        f"{share} of them positive; at another share it is wrong. "
        f"On the test {data.unit}s it is off by {after.expected_error:.2f} on average, and the "
        f"intervals that show this are up to {widest:.2f} wide."
    )
