"""Comparisons: can the test images tell two models of a modality apart?"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from models.catalogue import STRATEGIES, ModelKey
from models.paired_areas import FEW_GROUPS, groups_of_rarer_label
from models.significance import LEVEL, holm
from pipelines import comparison
from pipelines.comparison import Comparison, Difference
from pipelines.report import markdown
from pipelines.report.published import Models, Published
from pipelines.resampling import RESAMPLES

SEED = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two models of one modality on its test images; differences are first less second."""

    first: ModelKey
    second: ModelKey
    found: Comparison
    p_corrected: float  # the same, corrected by Holm for all pairs of the modality
    groups: int  # of the test images, with the label that fewer of them have

    @property
    def told_apart(self) -> bool:
        """Whether test and interval agree, on groups enough, that the areas differ."""
        return (
            self.groups >= FEW_GROUPS
            and self.p_corrected < LEVEL
            and self.found.auc_difference.excludes_zero
        )


def compare(first: Published, second: Published) -> Comparison:
    """Compare two published models of one modality on its test images."""
    one, other = first.test, second.test
    return comparison.compare(
        one.labels,
        one.groups,
        one.probabilities,
        other.probabilities,
        (first.card.threshold.value, second.card.threshold.value),
        SEED,
    )


def beside_no_skill(model: Published) -> Difference:
    """A model's F1 less that of calling every image positive, on the same draws of groups."""
    test = model.test
    return comparison.compare(
        test.labels,
        test.groups,
        test.probabilities,
        np.ones_like(test.probabilities),
        (model.card.threshold.value, 1.0),
        SEED,
    ).f1_difference


def pairs(models: Models) -> tuple[Pair, ...]:
    """Every pair of one modality's models, in the catalogue's order."""
    keys = tuple(combinations(models, 2))
    found = [compare(models[first], models[second]) for first, second in keys]
    corrected = holm([item.p_auc for item in found])
    return tuple(
        Pair(
            first=first,
            second=second,
            found=item,
            p_corrected=p,
            groups=rarer_groups(models[first]),
        )
        for (first, second), item, p in zip(keys, found, corrected, strict=True)
    )


def pairs_table(found: Sequence[Pair]) -> str:
    """A row per pair."""
    head = (
        "First",
        "Second",
        "ROC AUC, first less second",
        "p",
        "p, Holm",
        "Told apart",
    )
    rows = (
        (
            pair.first.short_title,
            pair.second.short_title,
            markdown.difference(pair.found.auc_difference),
            markdown.p_value(pair.found.p_auc),
            markdown.p_value(pair.p_corrected),
            "yes" if pair.told_apart else "no",
        )
        for pair in found
    )
    return markdown.table(head, rows)


def best(models: Models, part: str = "test") -> ModelKey:
    """The model of the highest area under the ROC; the first of several."""
    return max(models, key=lambda key: models[key].card.metrics[part]["roc_auc"].value)


def verdict(models: Models, found: Sequence[Pair]) -> str:
    """What the pairs say of the model with the highest area, and of all of them."""
    highest = best(models)
    mine = [pair for pair in found if highest in (pair.first, pair.second)]
    others = {pair: pair.second if pair.first == highest else pair.first for pair in mine}
    alike = [others[pair].short_title for pair in mine if not pair.told_apart]
    names = "any other model" if len(alike) == len(mine) else "; ".join(alike)
    told = sum(pair.told_apart for pair in found)
    about_best = (
        f"The data cannot tell {highest.short_title} from {names}."
        if alike
        else f"The data tell {highest.short_title} from every other model."
    )
    return f"{about_best} Pairs told apart: {told} of {len(found)}."


def changes_table(models: Models) -> str:
    """What another strategy changes against the first, per backbone; empty where none can."""
    rows = [
        (
            second.backbone.title,
            f"{second.strategy.title} less {first.strategy.title.lower()}",
            markdown.difference(found.f1_difference),
            markdown.difference(found.auc_difference),
            _meaning(found, rarer_groups(models[first])),
        )
        for first, second, found in _changes(models)
    ]
    head = ("Backbone", "Change", "F1", "ROC AUC", "What the data say")
    words = (
        "Both models on the same test images, each at its own threshold; whole groups are drawn "
        f"{markdown.count(RESAMPLES)} times, the same for both. These intervals are not corrected "
        "for their number."
    )
    return markdown.paragraphs(words, markdown.table(head, rows)) if rows else ""


def _changes(models: Models) -> list[tuple[ModelKey, ModelKey, Comparison]]:
    """(first strategy's model, other strategy's model, other less first)."""
    base, *others = STRATEGIES.values()
    return [
        (first, second, compare(models[second], models[first]))
        for first in models
        for other in others
        for second in models
        if first.strategy == base and second.strategy == other and first.backbone == second.backbone
    ]


def rarer_groups(model: Published) -> int:
    """How many test groups have the label that fewer of them have."""
    return groups_of_rarer_label(model.test.labels, model.test.groups)


def _meaning(found: Comparison, groups: int) -> str:
    kinds = {"F1": found.f1_difference, "ROC AUC": found.auc_difference}
    told = [
        f"{name} {'rises' if item.value > 0 else 'falls'}"
        for name, item in kinds.items()
        if item.excludes_zero and groups >= FEW_GROUPS
    ]
    return " and ".join(told) or "no difference shown"
