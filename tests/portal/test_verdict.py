import pytest

from models.catalogue import model_keys
from portal.verdict import Verdict
from tests.fakes import fake_card

KEY = next(key for key in model_keys() if key.modality.key == "ultrasound")


def verdict(probability: float, threshold: float = 0.41) -> Verdict:
    card = fake_card(KEY, threshold=threshold)
    return Verdict(key=KEY, card=card, probability=probability)


@pytest.mark.parametrize(
    ("probability", "label"),
    [(0.0, "Benign"), (0.4099999, "Benign"), (0.41, "Malignant"), (1.0, "Malignant")],
)
def test_the_threshold_itself_is_positive(probability: float, label: str) -> None:
    assert verdict(probability).label == label
    assert verdict(probability).positive is (label == "Malignant")


def test_the_meaning_names_both_numbers() -> None:
    assert verdict(0.83).meaning == (
        "The model's probability for Malignant is 0.83; it reaches the threshold of 0.41."
    )
    assert "stays below" in verdict(0.1).meaning


def test_a_probability_is_never_called_a_certainty() -> None:
    for probability in (0.0, 0.5, 1.0):
        words = verdict(probability).meaning + verdict(probability).promise
        assert "certain" not in words
        assert "1.00" not in words
        assert "100" not in words


def test_the_promise_speaks_in_whole_percents_with_intervals() -> None:
    assert verdict(0.5).promise.replace("\u00a0", " ") == (
        "At this threshold 90 % (95 % interval 81 to 96) of malignant lesions in the test images "
        "were found, and 10 % (95 % interval 4 to 19) of benign lesions were called Malignant."
    )


@pytest.mark.parametrize("probability", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_no_verdict(probability: float) -> None:
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        verdict(probability)
