import statistics

import pytest

from models.catalogue import cohorts
from portal.spread import Spread, spread
from portal.verdict import Verdict
from tests.fakes import fake_card

KEY = cohorts()[2].keys[0]


def verdict(probability: float) -> Verdict:
    return Verdict(key=KEY, card=fake_card(KEY), probability=probability)


def test_it_is_that_of_the_calibrated_probabilities() -> None:
    verdicts = [verdict(0.9), None, verdict(0.1), verdict(0.5)]
    found = spread(verdicts)
    values = sorted(each.calibrated for each in verdicts if each)

    assert found == Spread(values=tuple(values))
    assert found is not None
    assert (found.low, found.high) == (values[0], values[-1])
    assert found.mean == pytest.approx(sum(values) / 3)
    assert found.deviation == pytest.approx(statistics.stdev(values))


@pytest.mark.parametrize("verdicts", [[], [None, None], [verdict(0.3)], [None, verdict(0.3)]])
def test_one_answer_has_no_spread(verdicts: list[Verdict | None]) -> None:
    assert spread(verdicts) is None


def test_one_sentence_says_it() -> None:
    assert Spread(values=(0.12, 0.4, 0.78)).sentence == (
        "The calibrated probabilities have a mean of 0.43 and range from 0.12 to 0.78 "
        "(standard deviation 0.33)."
    )


def test_what_is_written_alike_is_one_number() -> None:
    small = Spread(values=(0.0001, 0.0004, 0.002))
    assert small.sentence == "All calibrated probabilities are < 0.01."
    assert "(standard deviation < 0.01)" in Spread(values=(0.404, 0.406)).sentence


@pytest.mark.parametrize("values", [(), (0.5,), (0.6, 0.5)])
def test_what_is_no_spread_is_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="two or more rising"):
        Spread(values=values)
