import math
import re
from dataclasses import replace

import pytest

from models.catalogue import model_keys
from portal.verdict import Verdict
from tests.fakes import fake_card, with_own_numbers

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


@pytest.mark.parametrize(
    ("probability", "word", "tone"),
    [
        (0.0, "Benign", "negative"),
        (0.2049, "Benign", "negative"),
        (0.205, "Uncertain", "uncertain"),  # the high-sensitivity threshold of the made-up card
        (0.65, "Uncertain", "uncertain"),
        (0.652, "Malignant", "positive"),  # from sigmoid(0.5 / 0.8) on, calibrated 0.5
        (1.0, "Malignant", "positive"),
    ],
)
def test_in_the_band_the_word_is_uncertain(probability: float, word: str, tone: str) -> None:
    given = verdict(probability)
    assert (given.word, given.tone) == (word, tone)
    assert given.uncertain is (word == "Uncertain")
    assert given.label in given.card.labels


def test_the_calibrated_probability_is_the_cards_and_does_not_decide() -> None:
    given = verdict(0.5)  # calibrated to sigmoid(0.8 * 0 - 0.5)

    assert given.calibrated == pytest.approx(1 / (1 + math.exp(0.5)))
    assert given.calibrated < given.threshold < given.probability
    assert given.label == "Malignant"


@pytest.mark.parametrize("probability", [0.0, 0.2, 0.41, 0.42, 0.9, 1.0])
def test_both_scales_lie_on_the_same_side_of_their_threshold(probability: float) -> None:
    given = verdict(probability)

    assert given.positive is (given.calibrated >= given.calibrated_threshold)


def test_the_expectation_says_for_which_images_it_holds() -> None:
    assert verdict(0.5).expectation.replace("\u00a0", " ") == (
        "By the validation images, about 38 of 100 images with this model probability would be "
        "malignant lesions, where these are as common as there (32 %). On the test images that "
        "was off by 0.12 on average."
    )


def test_the_expectation_says_where_calibration_made_it_worse() -> None:
    card = fake_card(KEY)
    before = replace(card.calibration.before, expected_error=0.119)
    worse = replace(card, calibration=replace(card.calibration, before=before))
    assert Verdict(key=KEY, card=worse, probability=0.5).expectation.endswith(
        "that was off by 0.12 on average."
    )
    before = replace(before, expected_error=0.08)
    worse = replace(card, calibration=replace(card.calibration, before=before))
    assert Verdict(key=KEY, card=worse, probability=0.5).expectation.endswith(
        "that was off by 0.12 on average, more than the model probability (0.08)."
    )


@pytest.mark.parametrize(
    ("error", "before", "words"),
    [
        (0.131, 0.126, "0.131 on average, more than the model probability (0.126)."),
        (0.084, 0.082, "0.084 on average, more than the model probability (0.082)."),
        (0.126, 0.131, "0.13 on average."),
    ],
)
def test_what_is_more_is_written_as_more(error: float, before: float, words: str) -> None:
    card = fake_card(KEY)
    first = replace(card.calibration.before, expected_error=before)
    after = replace(card.calibration.after, expected_error=error)
    changed = replace(card, calibration=replace(card.calibration, before=first, after=after))
    said = Verdict(key=KEY, card=changed, probability=0.5).expectation
    assert said.endswith(f"that was off by {words}")


def test_a_probability_is_never_called_a_certainty() -> None:
    for probability in (0.0, 0.5, 1.0):
        said = verdict(probability).expectation + verdict(probability).promise
        assert not re.search(r"\bcertain", said)
        assert "1.00" not in verdict(probability).promise
    assert "fewer than 1 of 100 images" in verdict(0.0).expectation
    assert "more than 99 of 100 images" in verdict(1.0).expectation


def test_the_promise_speaks_in_whole_percents_with_intervals() -> None:
    assert verdict(0.5).promise.replace("\u00a0", " ") == (
        "In the test images 90 % (95 % interval 81 to 96) of malignant lesions reach the "
        "threshold, and 10 % (95 % interval 4 to 19) of benign lesions. From 0.20 up to 0.65 the "
        "word is Uncertain."
    )


def test_the_promise_says_where_its_intervals_rest_on_few_groups() -> None:
    card = fake_card(KEY)
    few = replace(card, data=replace(card.data, group="slide", groups={"test": 2}))
    said = Verdict(key=KEY, card=few, probability=0.5).promise

    assert said.endswith(" Both intervals rest on 2 slides only, and are likely too narrow.")


@pytest.mark.parametrize("probability", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_no_verdict(probability: float) -> None:
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        verdict(probability)


def test_each_share_is_that_of_its_images_on_the_test() -> None:
    card = with_own_numbers(fake_card(KEY))
    given, test = Verdict(key=KEY, card=card, probability=0.5), card.metrics["test"]

    assert (given.recall, given.specificity) == (test["recall"], test["specificity"])
