import pytest

from models.catalogue import model_keys
from portal.figures.probability_bar import ProbabilityBar, _stretch, probability_bar
from portal.uncertainty import Band
from portal.verdict import Verdict
from tests.fakes import fake_card

KEY = next(key for key in model_keys() if key.modality.key == "ultrasound")


def bar(probability: float, threshold: float = 0.41) -> ProbabilityBar:
    card = fake_card(KEY, threshold=threshold)
    return probability_bar(Verdict(key=KEY, card=card, probability=probability))


def test_mark_line_band_and_words() -> None:
    drawn = bar(0.8312)

    assert (drawn.probability.x, drawn.probability.text) == ("83.1%", "0.83")
    assert (drawn.threshold.x, drawn.threshold.text) == ("41.0%", "0.41")
    assert drawn.rest == "59.0%"
    assert drawn.tone == "positive"
    assert drawn.band is not None
    assert (drawn.band.x, drawn.band.width) == ("20.5%", "44.6%")  # up to sigmoid(0.5 / 0.8)
    assert drawn.band.label.x == "42.8%"
    assert drawn.alt == (
        "Model probability 0.83, at or above the threshold 0.41: Malignant. "
        "The bar runs from 0 (Benign) to 1 (Malignant); uncertain from 0.20 to 0.65."
    )


def test_in_the_band_the_words_say_where_it_leans() -> None:
    assert bar(0.41).tone == bar(0.4099).tone == "uncertain"
    assert "at or above the threshold 0.41: Uncertain, leaning to Malignant." in bar(0.41).alt
    assert "below the threshold 0.41: Uncertain, leaning to Benign." in bar(0.4099).alt


@pytest.mark.parametrize(("probability", "anchor"), [(0.0, "start"), (0.5, "middle"), (1.0, "end")])
def test_labels_stay_on_the_page(probability: float, anchor: str) -> None:
    assert bar(probability).probability.anchor == anchor


@pytest.mark.parametrize(
    ("low", "high", "x", "anchor"),
    [
        (0.55, 0.86, "86.0%", "end"),
        (0.2, 0.3, "20.0%", "start"),
        (0.35, 0.95, "65.0%", "middle"),
    ],
)
def test_the_label_of_a_band_stands_over_it(low: float, high: float, x: str, anchor: str) -> None:
    card = fake_card(KEY, threshold=(low + high) / 2)
    drawn = _stretch(Band(card=card, low=low, high=high))
    assert drawn is not None
    assert (drawn.label.x, drawn.label.anchor) == (x, anchor)
