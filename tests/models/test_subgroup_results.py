from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from models.catalogue import MODALITIES
from models.paired_areas import FEW_GROUPS
from models.prediction_table import Predictions
from models.subgroup_results import LEAST_FOR_AREA, AttributeResult, subgroup_results
from models.subgroup_table import Attribute, InvalidSubgroups, SubgroupTable

Image = tuple[str, int, float]  # value, label, probability


def result(
    images: Sequence[Image], *, per_group: int = 1, threshold: float = 0.5
) -> AttributeResult:
    """What is found for images of values "a", "b" and "c"; some of them share a group."""
    values, labels, probabilities = zip(*images, strict=True)
    names = tuple(f"{index}.png" for index in range(len(images)))
    rows = {name: {"letter": value} for name, value in zip(names, values, strict=True)}
    table = SubgroupTable(
        modality=next(iter(MODALITIES)),
        data="Letters",
        split_sha256="0" * 64,
        attributes=(
            Attribute(key="letter", title="Letter", explanation="", values=("a", "b", "c")),
        ),
        images={"validation": {}, "test": rows},
    )
    test = Predictions(
        names=names,
        labels=np.array(labels, np.uint8),
        weights=np.ones(len(labels)),
        groups=np.array([str(index // per_group) for index in range(len(images))]),
        probabilities=np.array(probabilities),
    )
    (found,) = subgroup_results(table, test, threshold)
    return found


def images(value: str, label: int, right: int, wrong: int) -> list[Image]:
    return [(value, label, float(label))] * right + [(value, label, 1.0 - label)] * wrong


def test_counts_and_shares_are_those_of_each_subgroup() -> None:
    found = result([*images("b", 1, 4, 2), *images("b", 0, 9, 3), *images("a", 1, 2, 0)])
    assert [each.value for each in found.subgroups] == ["a", "b"]  # none is "c"
    first, second = found.subgroups
    assert (first.positive.images, first.negative.images) == (2, 0)
    assert first.specificity is None
    assert (second.positive.right, second.negative.right, second.groups) == (4, 9, 18)
    assert second.sensitivity is not None
    wilson = binomtest(4, 6).proportion_ci(method="wilson")
    assert (second.sensitivity.low, second.sensitivity.high) == pytest.approx(
        (wilson.low, wilson.high), abs=1e-4
    )


def test_a_probability_at_the_threshold_is_positive() -> None:
    (found,) = result([("a", 1, 0.5), ("a", 0, 0.5)]).subgroups
    assert (found.positive.right, found.negative.right) == (1, 0)


@pytest.mark.parametrize(
    ("positive", "known"), [(LEAST_FOR_AREA, True), (LEAST_FOR_AREA - 1, False)]
)
def test_an_area_needs_images_of_both_labels(positive: int, known: bool) -> None:
    (found,) = result([*images("a", 1, positive, 0), *images("a", 0, 20, 0)]).subgroups
    assert (found.area is not None) == known


def test_a_large_difference_of_many_groups_is_told() -> None:
    found = result([*images("a", 1, 3, 17), *images("b", 1, 19, 1)])
    (difference,) = found.differences
    assert (difference.measure, difference.better, difference.worse) == ("sensitivity", "b", "a")
    assert difference.p == pytest.approx(fisher_exact([[3, 17], [19, 1]]).pvalue)


def test_p_values_are_corrected_for_all_pairs() -> None:
    one = [*images("a", 1, 14, 6), *images("b", 1, 20, 0)]
    alone = result(one)
    beside = result([*one, *images("c", 1, 16, 4)])
    assert (alone.tested, beside.tested) == (1, 3)
    assert len(alone.differences) == 1
    assert beside.differences == ()


def test_few_groups_are_never_told_apart() -> None:
    few = FEW_GROUPS - 1
    alone = result([*images("a", 1, 0, few), *images("b", 1, few, 0)])
    together = result([*images("a", 1, 0, 40), *images("b", 1, 40, 0)], per_group=20)
    for found in (alone, together):
        assert (found.tested, found.differences) == (0, ())


def test_unknown_values_are_left_out_and_counted() -> None:
    found = result([*images("a", 1, 2, 0), *images("", 0, 5, 0)])
    assert found.unknown == 5
    assert [each.value for each in found.subgroups] == ["a"]


def test_an_image_that_is_not_in_the_table_is_refused() -> None:
    table = SubgroupTable(
        modality=next(iter(MODALITIES)),
        data="Letters",
        split_sha256="0" * 64,
        attributes=(Attribute(key="letter", title="Letter", explanation="", values=("a",)),),
        images={"validation": {}, "test": {}},
    )
    test = Predictions(
        names=("0.png",),
        labels=np.array([1], np.uint8),
        weights=np.ones(1),
        groups=np.array(["0"]),
        probabilities=np.array([0.5]),
    )
    with pytest.raises(InvalidSubgroups):
        subgroup_results(table, test, 0.5)
