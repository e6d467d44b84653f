from dataclasses import replace

import pytest

from models.card import Estimate, ModelCard
from models.catalogue import model_keys
from portal.operating_points import point_choices
from tests.fakes import fake_card

KEY = next(key for key in model_keys() if key.modality.key == "ultrasound")
CARD = fake_card(KEY)


def _with(recall: float, specificity: float) -> ModelCard:
    """A card whose second point has these values on test images."""
    point = CARD.high_sensitivity
    test = {
        **point.metrics["test"],
        "recall": Estimate(value=recall, low=0.0, high=1.0),
        "specificity": Estimate(value=specificity, low=0.0, high=1.0),
    }
    metrics = {**point.metrics, "test": test}
    return replace(CARD, high_sensitivity=replace(point, metrics=metrics))


def test_the_deciding_point_comes_first_and_only_it_decides() -> None:
    choices = point_choices(CARD)

    assert [choice.name for choice in choices] == ["best-f1", "high-sensitivity"]
    assert [choice.decides for choice in choices] == [True, False]
    assert choices[0].point.threshold == CARD.threshold


def test_the_meaning_counts_in_hundreds_of_each_class() -> None:
    meaning = point_choices(CARD)[1].meaning

    assert meaning == (
        "Of 100 malignant lesions, about 97 are found (95 % interval 90 to 100) and 3 missed. "
        "Of 100 benign lesions, about 46 are called Malignant (32 to 59): false alarms."
    )


def test_the_deciding_point_differs_from_nothing() -> None:
    assert point_choices(CARD)[0].difference is None


@pytest.mark.parametrize(
    ("recall", "specificity", "change"),
    [
        (0.97, 0.54, "7 findings more and 36 false alarms more"),
        (0.91, 0.89, "1 finding more and 1 false alarm more"),
        (0.80, 0.95, "10 findings fewer and 5 false alarms fewer"),
        (0.90, 0.90, "as many findings and as many false alarms"),
    ],
)
def test_the_difference_counts_findings_and_false_alarms(
    recall: float, specificity: float, change: str
) -> None:
    difference = point_choices(_with(recall, specificity))[1].difference

    assert difference == f"Beside Best F1 that is {change} in 100 images of each class."


def test_the_numbers_of_a_sentence_add_up() -> None:
    for recall in (0.915, 0.925, 0.935, 0.945):
        best, other = point_choices(_with(recall, 0.5))
        found = int(other.meaning.split("about ")[1].split()[0])
        assert f"{100 - found} missed" in other.meaning
        assert f"{abs(found - 90)} finding" in str(other.difference)
        assert "about 90 are found" in best.meaning
