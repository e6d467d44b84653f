from models.card import Estimate
from models.required_f1 import REQUIRED_F1, meets_required_f1
from portal.figures.estimate_bar import estimate_bar


def test_places_are_shares_of_the_line() -> None:
    bar = estimate_bar(Estimate(value=0.9, low=0.81, high=0.96), required=0.7)

    assert (bar.value, bar.low, bar.width, bar.required) == ("90.0%", "81.0%", "15.0%", "70.0%")


def test_most_measures_have_no_required_value() -> None:
    assert estimate_bar(Estimate(value=0.9, low=0.8, high=1.0)).required is None


def test_the_required_f1_itself_is_enough() -> None:
    assert meets_required_f1(Estimate(value=REQUIRED_F1, low=0.6, high=0.8))
    assert not meets_required_f1(Estimate(value=0.699, low=0.6, high=0.8))
