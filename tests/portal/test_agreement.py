import pytest

from models.catalogue import cohorts
from portal.agreement import agreement
from portal.verdict import Verdict
from tests.fakes import fake_card

KEY = cohorts()[2].keys[0]


def said(word: str) -> Verdict | None:
    if word == "-":
        return None
    probability = 0.9 if word == "M" else 0.1
    return Verdict(key=KEY, card=fake_card(KEY), probability=probability)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("MMM", "All three models say Malignant."),
        ("BBB", "All three models say Benign."),
        ("MBM", "The models disagree: 2 of 3 say Malignant, 1 says Benign."),
        ("BBM", "The models disagree: 2 of 3 say Benign, 1 says Malignant."),
        ("MM-", "Both models say Malignant. One model gave no answer."),
        (
            "M-B",
            (
                "The models disagree: 1 of 2 says Malignant, 1 says Benign. "
                "One model gave no answer."
            ),
        ),
        ("-B-", "Only one of three models answered; it says Benign."),
        ("---", None),
        ("M", "The model says Malignant."),
        ("MMMM", "All four models say Malignant."),
        ("MMBB", "The models disagree: 2 of 4 say Malignant, 2 say Benign."),
        ("MM--", "Both models say Malignant. Two models gave no answer."),
    ],
)
def test_a_sentence_says_whether_models_agree(words: str, sentence: str | None) -> None:
    assert agreement([said(word) for word in words]) == sentence
