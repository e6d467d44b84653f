import math
from dataclasses import replace

import pytest
from scipy.stats import binom

from models.card import ConfusionMatrix, Estimate
from models.catalogue import model_keys
from portal.predictive_values import predictive_values, quotient_interval, usual_prevalence
from tests.fakes import fake_card


def matrix(found: int, alarms: int, positives: int = 30, negatives: int = 60) -> ConfusionMatrix:
    return ConfusionMatrix(
        true_negative=negatives - alarms,
        false_positive=alarms,
        false_negative=positives - found,
        true_positive=found,
    )


def test_by_hand() -> None:
    """Sensitivity 0.9, specificity 0.8: of 1,000 at 0.1, 90 are found beside 180 false alarms."""
    values = predictive_values(matrix(27, 12), 0.1)
    assert values.positive is not None
    assert values.negative is not None
    assert values.positive.value == pytest.approx(90 / 270)
    assert values.negative.value == pytest.approx(720 / 730)
    assert (values.found, values.missed, values.alarms, values.passed) == (90, 10, 180, 720)


def test_at_the_tests_own_share_they_are_the_shares_of_the_table() -> None:
    values = predictive_values(matrix(20, 10), 30 / 90)
    assert values.positive is not None
    assert values.negative is not None
    assert values.positive.value == pytest.approx(20 / 30)
    assert values.negative.value == pytest.approx(50 / 60)


@pytest.mark.parametrize("prevalence", [0.001, 0.01, 0.3, 0.999])
@pytest.mark.parametrize(("found", "alarms"), [(0, 5), (30, 0), (30, 60), (1, 1), (12, 60)])
def test_intervals_hold_their_values(prevalence: float, found: int, alarms: int) -> None:
    values = predictive_values(matrix(found, alarms), prevalence)
    for each in (values.positive, values.negative):
        if each is not None:
            assert 0.0 <= each.low <= each.value <= each.high <= 1.0
            assert each.low < each.high


def test_where_none_is_called_nothing_is_said_of_them() -> None:
    assert predictive_values(matrix(0, 0), 0.1).positive is None
    assert predictive_values(matrix(30, 60), 0.1).negative is None


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.85, 0.75), (0.6, 0.95)])
def test_95_of_100_intervals_hold_the_truth(sensitivity: float, specificity: float) -> None:
    """Counted over every possible test of 30 positive and 60 negative images."""
    prevalence = 0.1
    truth = (
        prevalence * sensitivity / (prevalence * sensitivity + (1 - prevalence) * (1 - specificity))
    )
    covered = 0.0
    for found in range(31):
        for alarms in range(61):
            chance = binom.pmf(found, 30, sensitivity) * binom.pmf(alarms, 60, 1 - specificity)
            if chance < 1e-7:
                continue
            value = predictive_values(matrix(found, alarms), prevalence).positive
            covered += chance * (value is not None and value.low <= truth <= value.high)
    assert covered == pytest.approx(0.95, abs=0.015)


def test_a_quotient_of_nothing_has_no_end() -> None:
    some, none = Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.0, low=0.0, high=0.1)
    assert quotient_interval(some, none)[1] == math.inf
    assert quotient_interval(none, some)[0] == 0.0


def test_the_usual_prevalence_is_the_tests() -> None:
    card = fake_card(model_keys()[0])
    assert usual_prevalence(card) == 0.33  # 29 of 88, with three decimals
    few = replace(card, data=replace(card.data, counts={**card.data.counts, "test": (58, 27)}))
    assert usual_prevalence(few) == 0.318
