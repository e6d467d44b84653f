"""How well a model does in each subgroup of its test images, and what these can tell apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from models.area_interval import area_interval
from models.card import Estimate
from models.fisher import fisher
from models.paired_areas import FEW_GROUPS
from models.prediction_table import Predictions
from models.significance import LEVEL, holm
from models.subgroup_table import UNKNOWN, Attribute, SubgroupTable
from models.wilson import wilson_of_one

LEAST_FOR_AREA = 5
"""Images of each label below which an area under the ROC says next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The images of one label in a subgroup."""

    images: int
    groups: int
    right: int  # images that a model called by their label

    @property
    def share(self) -> Estimate | None:
        """The share called by their label, with Wilson's interval; None where there are none."""
        if not self.images:
            return None
        low, high = wilson_of_one(self.right, self.images)
        return Estimate(
            value=round(self.right / self.images, 6),
            low=round(low, 6),
            high=round(high, 6),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """One subgroup at a threshold."""

    value: str  # "fatty"
    groups: int  # patients, slides, ...
    positive: Counted
    negative: Counted
    area: Estimate | None  # under the ROC, with Newcombe's interval; None: too few of a label

    @property
    def sensitivity(self) -> Estimate | None:
        """Share of the positive images that are found."""
        return self.positive.share

    @property
    def specificity(self) -> Estimate | None:
        """Share of the negative images that are passed."""
        return self.negative.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two subgroups that a test tells apart."""

    measure: str  # "sensitivity" or "specificity"
    better: str
    worse: str
    p: float  # corrected for all pairs of the attribute that were tested


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeResult:
    """The subgroups of one attribute."""

    attribute: Attribute
    subgroups: tuple[Subgroup, ...]  # those that have images
    unknown: int  # images of which the attribute is not known
    tested: int  # pairs of subgroups with groups enough for a test
    differences: tuple[Difference, ...]  # the pairs of these that are told apart


def subgroup_results(
    table: SubgroupTable, test: Predictions, threshold: float
) -> tuple[AttributeResult, ...]:
    """Each attribute of a table, for a model's test images at a threshold.

    Raises:
        InvalidSubgroups: the table lacks one of the images.
    """
    values = {each: table.values(each.key, "test", test.names) for each in table.attributes}
    return tuple(
        _result(attribute, np.array(found), test, threshold) for attribute, found in values.items()
    )


def _result(
    attribute: Attribute, values: np.ndarray, test: Predictions, threshold: float
) -> AttributeResult:
    found = [value for value in attribute.values if value in values]
    subgroups = tuple(_subgroup(value, values == value, test, threshold) for value in found)
    tested = _tested(subgroups)
    return AttributeResult(
        attribute=attribute,
        subgroups=subgroups,
        unknown=int(np.sum(values == UNKNOWN)),
        tested=len(tested),
        differences=tuple(each for each in _corrected(tested) if each.p < LEVEL),
    )


def _subgroup(value: str, inside: np.ndarray, test: Predictions, threshold: float) -> Subgroup:
    labels, probabilities = test.labels[inside], test.probabilities[inside]
    right = (probabilities >= threshold) == (labels == 1)
    groups = test.groups[inside]
    negative, positive = (
        Counted(
            images=int(np.sum(labels == label)),
            groups=len(set(groups[labels == label].tolist())),
            right=int(np.sum(right[labels == label])),
        )
        for label in (0, 1)
    )
    enough = min(negative.images, positive.images) >= LEAST_FOR_AREA
    return Subgroup(
        value=value,
        groups=len(set(groups.tolist())),
        positive=positive,
        negative=negative,
        area=area_interval(labels, probabilities) if enough else None,
    )


def _tested(subgroups: Sequence[Subgroup]) -> list[Difference]:
    """Fisher's test of all pairs in which both have images of ten groups; not yet corrected."""
    sides: dict[str, Callable[[Subgroup], Counted]] = {
        "sensitivity": lambda each: each.positive,
        "specificity": lambda each: each.negative,
    }
    return [
        _difference(measure, (one.value, side(one)), (other.value, side(other)))
        for measure, side in sides.items()
        for one, other in combinations(subgroups, 2)
        if min(side(one).groups, side(other).groups) >= FEW_GROUPS
    ]


def _difference(measure: str, one: tuple[str, Counted], other: tuple[str, Counted]) -> Difference:
    worse, better = sorted((one, other), key=lambda each: each[1].right / each[1].images)
    counts = ((each.right, each.images - each.right) for _, each in (better, worse))
    return Difference(measure=measure, better=better[0], worse=worse[0], p=fisher(*counts))


def _corrected(tested: Sequence[Difference]) -> list[Difference]:
    """The same with p-values corrected for their number, the clearest difference first."""
    clearest = sorted(tested, key=lambda each: each.p)
    corrected = holm([each.p for each in clearest])
    return [replace(each, p=p) for each, p in zip(clearest, corrected, strict=True)]
