"""A result as one picture."""

from dataclasses import replace

import numpy as np
import pytest

from portal.dicom_answer.drawing import HEIGHT, WIDTH, _paragraphs, drawing
from portal.intended_use import INTENDED_USE
from portal.result import Result
from tests.results import MEASURED, TIME, explained, many, of_few_groups, single

LONG = tuple(f"Check {number}: {'something was found and done. ' * 4}" for number in range(12))


def drawn(result: Result) -> np.ndarray:
    return drawing(result.document(TIME))


@pytest.mark.parametrize(
    "result",
    [single(), explained(single(0.4), MEASURED), explained(many()), replace(many(), checks=LONG)],
    ids=["one", "explained", "many", "long"],
)
def test_nothing_sticks_out(result: Result) -> None:
    picture = drawn(result)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8
    for edge in (picture[:20], picture[-20:], picture[:, :20], picture[:, -20:]):
        assert not edge.any()


def test_the_same_result_is_the_same_picture() -> None:
    assert (drawn(many()) == drawn(many())).all()


def test_the_verdict_is_seen_in_its_colour() -> None:
    pictures = [drawn(single(probability)).reshape(-1, 3) for probability in (0.02, 0.4, 0.9)]
    hues = [(0x85, 0xB9, 0xF0), (0xC9, 0xA5, 0xEC), (0xF0, 0xA3, 0x5E)]
    for picture, own in zip(pictures, hues, strict=True):
        assert [(picture == hue).all(axis=1).any() for hue in hues] == [hue == own for hue in hues]


def test_heat_maps_are_drawn_where_they_were_asked_for() -> None:
    below = (slice(480, 900), slice(32, 432))
    assert not drawn(single())[below].any()
    assert drawn(explained(single()))[below].any()


@pytest.mark.parametrize("result", [single(), many()], ids=["one", "many"])
def test_what_it_is_not_and_what_it_is_for_stand_first(result: Result) -> None:
    words = [each.words for each in _paragraphs(result.document(TIME))]
    notice = "RESEARCH PROTOTYPE, NOT A MEDICAL DEVICE"
    assert words[:3] == [result.title, notice, INTENDED_USE]


@pytest.mark.parametrize("result", [single(), many()], ids=["one", "many"])
def test_a_warning_stands_above_the_verdict_and_no_frequency_below(result: Result) -> None:
    document = replace(result, warnings=("It may mean nothing.",)).document(TIME)
    words = [each.words for each in _paragraphs(document)]
    assert words[3] == "WARNING: It may mean nothing."
    assert "may mean nothing" not in " ".join(words[4:])
    assert "of 100 images" not in " ".join(words)


@pytest.mark.parametrize("result", [single(), many()], ids=["one", "many"])
def test_intervals_that_rest_on_too_few_groups_are_told_so_once(result: Result) -> None:
    for given, times in ((result, 0), (of_few_groups(result), 1)):
        words = " ".join(each.words for each in _paragraphs(given.document(TIME)))
        assert words.count("Both intervals rest on 2 patients only") == times


def test_a_model_that_is_unsure_says_to_what_it_leans() -> None:
    (unsure,) = (each for each in many().verdicts if each.probability == 0.3)
    words = [each.words for each in _paragraphs(many().document(TIME))]
    assert f"{unsure.key.title}: Uncertain, leans to {unsure.label}" in words
