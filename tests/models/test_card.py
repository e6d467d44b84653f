"""The model card: it survives the file, and a wrong one cannot exist."""

import json
from typing import Any

import pytest

from models.card import ConfusionMatrix, Estimate, InvalidCard, ModelCard, RocCurve, Threshold
from models.catalogue import ModelKey, model_keys
from models.errors import Refusal
from tests.fakes import fake_card


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_a_card_survives_json(key: ModelKey) -> None:
    card = fake_card(key)
    again = ModelCard.from_json(card.to_json())
    assert again == card
    assert again.key == key


@pytest.mark.parametrize("group", ["tissue microarray", "dated tissue microarray"])
def test_an_earlier_card_is_read_in_the_words_of_today(group: str) -> None:
    raw = json.loads(fake_card(model_keys()[0]).to_json())
    raw["data"]["group"] = group
    raw["limitations"] = [
        f"Of one data set (2 groups by {group}); others were not seen.",
        "It found only 0.82 (0.71-0.97) of the positive images, with 36% positive ones.",
    ]
    card = ModelCard.from_json(json.dumps(raw))
    assert card.data.group == "tissue microarray and date"
    assert card.limitations == (
        "Of one data set (2 groups by tissue microarray and date); others were not seen.",
        "It found only 0.82 (0.71 to 0.97) of the positive images, with 36\u00a0% positive ones.",
    )
    assert ModelCard.from_json(card.to_json()) == card


def _changed(**changes: Any) -> str:
    raw = json.loads(fake_card(model_keys()[0]).to_json())
    return json.dumps(raw | changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        _changed(format=99),
        _changed(labels=["A", "B"]),
        _changed(model="alexnet_xray_initial"),
        _changed(surprise=1),
        _changed(metrics={}),
        _changed(metrics={"validation": {}, "test": {}}),
        _changed(threshold={"value": 1.5, "rule": "", "validation_f1": 0.5}),
        _changed(threshold=None),
        _changed(data={}),
    ],
)
def test_a_wrong_card_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        ModelCard.from_json(text)
    assert caught.value.expected
    assert caught.value.received


OTHER_FORMAT = json.dumps({"format": 1, "model": "vgg", "f1": 0.9})


@pytest.mark.parametrize(
    ("text", "expected", "received"),
    [
        ("no json", "a model card as JSON", "something else (JSONDecodeError)"),
        ("{}", "a card of format 2", "none"),
        (OTHER_FORMAT, "a card of format 2", "1"),
        (_changed(surprise=1), "a model card as JSON", "something else (TypeError)"),
        (_changed(data={}), "a model card as JSON", "something else (KeyError)"),
    ],
)
def test_a_refusal_has_no_words_of_python(text: str, expected: str, received: str) -> None:
    with pytest.raises(InvalidCard) as caught:
        ModelCard.from_json(text)
    assert (caught.value.expected, caught.value.received) == (expected, received)


def test_an_interval_is_ordered() -> None:
    with pytest.raises(InvalidCard):
        Estimate(value=0.5, low=0.6, high=0.4)


@pytest.mark.parametrize("value", [0.0, 1.0, -0.1])
def test_a_threshold_lies_between_zero_and_one(value: float) -> None:
    with pytest.raises(InvalidCard):
        Threshold(value=value, rule="any", validation_f1=0.5)


def test_counts_are_not_negative() -> None:
    with pytest.raises(InvalidCard):
        ConfusionMatrix(true_negative=-1, false_positive=0, false_negative=0, true_positive=0)


def test_a_curve_has_one_length() -> None:
    with pytest.raises(InvalidCard):
        RocCurve(false_positive_rate=(0, 1), true_positive_rate=(0, 1), thresholds=(1,))
