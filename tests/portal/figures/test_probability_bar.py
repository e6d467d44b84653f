import pytest

from portal.figures.probability_bar import probability_bar

LABELS = ("Benign", "Malignant")


def test_mark_line_and_words() -> None:
    bar = probability_bar(0.8312, 0.41, LABELS)

    assert (bar.probability.x, bar.probability.text) == ("83.1%", "0.83")
    assert (bar.threshold.x, bar.threshold.text) == ("41.0%", "0.41")
    assert bar.rest == "59.0%"
    assert bar.positive
    assert bar.alt == (
        "Model probability 0.83, at or above the threshold 0.41: Malignant. "
        "The bar runs from 0 (Benign) to 1 (Malignant)."
    )


def test_the_threshold_itself_is_positive() -> None:
    assert probability_bar(0.41, 0.41, LABELS).positive
    assert not probability_bar(0.4099, 0.41, LABELS).positive


@pytest.mark.parametrize(("probability", "anchor"), [(0.0, "start"), (0.5, "middle"), (1.0, "end")])
def test_labels_stay_on_the_page(probability: float, anchor: str) -> None:
    assert probability_bar(probability, 0.41, LABELS).probability.anchor == anchor


@pytest.mark.parametrize(("probability", "threshold"), [(1.1, 0.5), (-0.1, 0.5), (0.5, 2.0)])
def test_numbers_outside_the_bar_are_refused(probability: float, threshold: float) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        probability_bar(probability, threshold, LABELS)
