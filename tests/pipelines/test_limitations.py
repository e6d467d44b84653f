import dataclasses
from typing import Any

import numpy as np
import pytest

from models.card import DataSummary, Estimate
from models.catalogue import model_keys
from models.prediction_table import Predictions
from pipelines.evaluator import Evaluator, Judgement
from pipelines.limitations import limitations
from tests.fakes import fake_card

DATA = fake_card(model_keys()[0]).data
ASKED = sum(DATA.counts["validation"])


def part(seed: int) -> Predictions:
    random = np.random.default_rng(seed)
    labels = np.array([0, 1] * 30, np.uint8)
    return Predictions(
        names=tuple(map(str, range(60))),
        labels=labels,
        weights=np.ones(60),
        groups=np.arange(60).astype(str),
        probabilities=0.4 * labels + 0.6 * random.random(60),
    )


@pytest.fixture(scope="module")
def plain() -> Judgement:
    evaluator = Evaluator(seed=1)
    return evaluator.judge(evaluator.choose(part(1)), part(1), part(2))


def judged(
    plain: Judgement, *, f1: float = 0.8, recall: float = 0.95, dense: float | None = None
) -> Judgement:
    """The same with other numbers."""
    exact = {"f1": Estimate(value=f1, low=f1, high=f1)}
    wide = {"recall": Estimate(value=recall, low=recall - 0.1, high=1.0)}
    point = plain.high_sensitivity
    metrics = {**point.metrics, "test": {**point.metrics["test"], **wide}}
    return dataclasses.replace(
        plain,
        metrics={**plain.metrics, "test": {**plain.metrics["test"], **exact}},
        high_sensitivity=dataclasses.replace(point, metrics=metrics),
        dense_f1=dense,
    )


def data(**fields: Any) -> DataSummary:
    return dataclasses.replace(DATA, **fields)


def told(sentences: tuple[str, ...], text: str) -> bool:
    return any(text in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("f1", "first"),
    [
        (0.6994, "F1 on the test images is 0.699, below the required 0.70."),
        (0.6996, "F1 on the test images is 0.6996, below the required 0.70."),
        (0.7, "Te"),
    ],
)
def test_what_falls_short_of_the_requirement_says_so_first(
    f1: float, first: str, plain: Judgement
) -> None:
    assert limitations(DATA, judged(plain, f1=f1), ASKED)[0].startswith(first)


@pytest.mark.parametrize(("dense", "costs"), [(None, False), (0.81, False), (0.8101, True)])
def test_compaction_that_costs_more_than_a_point_is_told(
    dense: float | None, costs: bool, plain: Judgement
) -> None:
    found = limitations(DATA, judged(plain, dense=dense), ASKED)
    assert told(found, "Compaction cost 0.0101 of F1: before it, F1 was 0.810.") is costs


@pytest.mark.parametrize(("groups", "few"), [(9, True), (10, False)])
def test_few_groups_are_told(groups: int, few: bool, plain: Judgement) -> None:
    counts = {**DATA.groups, "test": groups}
    assert (
        told(limitations(data(groups=counts), judged(plain), ASKED), f"With {groups} test groups")
        is few
    )


def test_a_single_group_is_told_as_one(plain: Judgement) -> None:
    one = data(groups={**DATA.groups, "test": 1})
    found = limitations(one, judged(plain), ASKED)
    assert "All test images are one group: the intervals are those of a single trial." in found
    assert told(found, "(1 group by ")
    assert not told(found, "too narrow")


@pytest.mark.parametrize(("recall", "missed"), [(0.9, False), (0.82, True)])
def test_a_sensitivity_that_did_not_hold_is_told(
    recall: float, missed: bool, plain: Judgement
) -> None:
    found = limitations(DATA, judged(plain, recall=recall), ASKED)
    assert told(found, "found only 0.82 (0.72 to 1.00) of the positive test images") is missed


def test_a_sensitivity_just_below_is_not_written_as_the_one_that_was_wanted(
    plain: Judgement,
) -> None:
    found = limitations(DATA, judged(plain, recall=26 / 29), ASKED)
    assert told(found, "The threshold for a sensitivity of 0.90 found only 0.897 (")


def test_the_share_of_positive_images_is_told(plain: Judgement) -> None:
    found = limitations(data(counts={**DATA.counts, "test": (75, 25)}), judged(plain), ASKED)
    assert told(found, "a test set with 25\u00a0% positive images")
    assert told(found, "25 positive and 75 negative images")


def test_calibration_says_what_it_was_fitted_on_and_how_far_it_is_off(plain: Judgement) -> None:
    found = limitations(data(counts={**DATA.counts, "validation": (60, 20)}), plain, 80)
    after = plain.calibration.after
    widest = max(np.array(after.high) - np.array(after.low))
    assert told(found, "fitted on 80 validation images, 25\u00a0% of them positive")
    assert told(found, f"off by {after.expected_error:.2f} on average")
    assert told(found, f"are up to {widest:.2f} wide.")
    assert not told(found, "not calibrated")


def test_more_crops_than_count_are_told(plain: Judgement) -> None:
    found = limitations(data(counts={**DATA.counts, "validation": (60, 20)}), plain, 413)
    assert told(
        found, "fitted on 413 validation images, which count as 80, 25\u00a0% of them positive; at"
    )


def test_terms_of_what_taught_the_first_weights_are_told(plain: Judgement) -> None:
    assert not told(limitations(DATA, plain, ASKED, {DATA.name}), "terms bear on it too")
    found = limitations(DATA, plain, ASKED, {"Tiles", DATA.name, "Films"})
    assert found[-1] == (
        "Its first weights also learnt from Films and Tiles: those terms bear on it too."
    )
