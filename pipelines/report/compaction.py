"""Compaction: what making the files small cost, against the networks before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.beside import MOST_PLACES, beside
from models.catalogue import ModelKey
from models.paired_areas import FEW_GROUPS, groups_of_rarer_label
from pipelines import comparison
from pipelines.aims import COMPACTION_COST, LARGEST_TOTAL
from pipelines.comparison import Difference
from pipelines.dense_threshold import dense_threshold
from pipelines.options import FIRST_WEIGHTS
from pipelines.report import markdown
from pipelines.report.comparisons import SEED
from pipelines.report.published import Models, Published
from pipelines.statistics import all_metrics

_MOST_POINTS = 100 * COMPACTION_COST


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The network before compaction on the test images, and what it has more than the file."""

    dense_f1: float
    dense_area: float  # under the ROC
    f1: Difference  # before less shipped, each at its own threshold if both are known
    groups: int  # of the test images, with the label that fewer of them have
    own_threshold: bool  # whether the network before has one of its own

    @property
    def too_high(self) -> bool:
        """Whether it is more than was allowed."""
        return round(self.f1.value, MOST_PLACES) > COMPACTION_COST

    @property
    def sure(self) -> bool:
        """Whether the interval of the cost, over groups enough, lies above 0."""
        return self.groups >= FEW_GROUPS and self.f1.low > 0.0


def cost(model: Published) -> Cost | None:
    """What compaction cost a model; None where nothing says what it gave before."""
    validation, test = model.predictions["validation"], model.test
    if test.dense is None:
        return None
    threshold = dense_threshold(validation, model.card.threshold.value)
    found = comparison.compare(
        test.labels,
        test.groups,
        test.dense,
        test.probabilities,
        (threshold, model.card.threshold.value),
        SEED,
    )
    once = np.ones((1, len(test.labels)))
    dense = all_metrics(test.labels.astype(int), test.dense, threshold, once)
    return Cost(
        dense_f1=float(dense["f1"][0]),
        dense_area=float(dense["roc_auc"][0]),
        f1=found.f1_difference,
        groups=groups_of_rarer_label(test.labels, test.groups),
        own_threshold=validation.dense is not None,
    )


def compaction_section(models: Models) -> str:
    """The size of all files and what making them small cost, with a row per model."""
    costs = {key: cost(model) for key, model in models.items()}
    total = sum(model.size for model in models.values())
    taken = beside(total / 1e6, LARGEST_TOTAL / 1e6, 1)
    size = (
        f"The {len(models)} files take {taken} MB together; at most "
        f"{LARGEST_TOTAL / 1e6:.0f} MB was the aim: {markdown.met(total <= LARGEST_TOTAL)}."
    )
    known = {key: found for key, found in costs.items() if found is not None}
    if not known:
        return f"{size} What making them small cost was not recorded."
    rows = (_row(key, models[key], found) for key, found in costs.items())
    head = (
        "Model",
        "F1, before",
        "F1, shipped",
        "ROC AUC, before",
        "ROC AUC, shipped",
        "Cost in points of F1",
        "File, MB",
    )
    unknown = [key for key, found in costs.items() if found is None]
    about = f"{_about_zeros(models)}{_about_cost(known)}{_about_unknown(unknown)}"
    return markdown.paragraphs(size, about, markdown.table(head, rows))


def _about_zeros(models: Models) -> str:
    """Which networks learnt with their zeros, so that only rounding is left to cost anything."""
    settings = {key: model.card.training.config for key, model in models.items()}
    early = [
        key
        for key, one in settings.items()
        if one.get("sparsity") and one.get("compaction_epochs") == 0 and _from_a_file(models[key])
    ]
    if not early:
        return ""
    all_of_them = len(early) == len(models)
    which = "All" if all_of_them else markdown.listed([f"`{key.slug}`" for key in early])
    return (
        f"{which} learnt with their zeros in place from the first step: none of these models was "
        "trained with all its weights, and compaction is rounding alone. "
    )


def _from_a_file(model: Published) -> bool:
    """Whether its first weights may have held their zeros, unlike ImageNet's and random ones."""
    return model.card.training.init not in FIRST_WEIGHTS


def _about_cost(known: Mapping[ModelKey, Cost]) -> str:
    largest = max(found.f1.value for found in known.values())
    dearest = beside(round(100 * largest, MOST_PLACES), _MOST_POINTS, 1)
    dear = [f"`{key.slug}`" for key, found in known.items() if found.too_high]
    sure = [f"`{key.slug}`" for key, found in known.items() if found.sure]
    shared = [f"`{key.slug}`" for key, found in known.items() if not found.own_threshold]
    but = (
        f" But at that of the shipped file, as what they gave on all validation images is not "
        f"recorded: {markdown.listed(shared)}."
        if shared
        else ""
    )
    return (
        f"Making them small cost at most {dearest} points of F1 (a point is 0.01); at "
        f"most {_MOST_POINTS:.0f} was the aim: {markdown.met(not dear)}"
        f"{' by ' + markdown.listed(dear) if dear else ''}. Where there are at least {FEW_GROUPS} "
        "test groups of each label, the interval of the cost lies above 0 for: "
        f"{markdown.listed(sure)}. A negative cost is a gain. Each network has the threshold that "
        "is best for it on validation, so that a cost, like a gain, can come from the threshold "
        f"alone; the area under the ROC is free of it.{but}"
    )


def _about_unknown(unknown: Sequence[ModelKey]) -> str:
    if not unknown:
        return ""
    names = markdown.listed([f"`{key.slug}`" for key in unknown])
    return f" What it cost was not recorded for {names}."


def _row(key: ModelKey, model: Published, found: Cost | None) -> tuple[str, ...]:
    test = model.card.metrics["test"]
    unknown = "not recorded"
    return (
        f"`{key.slug}`",
        unknown if found is None else f"{found.dense_f1:.3f}",
        f"{test['f1'].value:.3f}",
        unknown if found is None else f"{found.dense_area:.3f}",
        f"{test['roc_auc'].value:.3f}",
        unknown if found is None else markdown.points(found.f1, _MOST_POINTS),
        f"{model.size / 1e6:.1f}",
    )
