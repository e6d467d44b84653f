import pytest

from models.catalogue import cohorts
from portal.agreement import Agreement, agreement
from portal.verdict import Verdict
from tests.fakes import fake_card

KEY = cohorts()[2].keys[0]


PROBABILITIES = {"M": 0.9, "B": 0.1, "?": 0.41}


def said(word: str) -> Verdict | None:
    if word == "-":
        return None
    return Verdict(key=KEY, card=fake_card(KEY), probability=PROBABILITIES[word])


@pytest.mark.parametrize(
    ("words", "signal", "sentence"),
    [
        ("MMM", "agree", "All three models say Malignant."),
        ("BBB", "agree", "All three models say Benign."),
        ("MBM", "disagree", "The models disagree: 2 of 3 say Malignant, 1 says Benign."),
        ("BBM", "disagree", "The models disagree: 2 of 3 say Benign, 1 says Malignant."),
        (
            "M?B?MM",
            "disagree",
            "The models disagree: 3 of 6 say Malignant, 1 says Benign, 2 are uncertain.",
        ),
        ("M?M", "undecided", "2 of 3 models say Malignant; 1 is uncertain."),
        ("??B", "undecided", "1 of 3 models says Benign; 2 are uncertain."),
        ("???", "undecided", "All three models are uncertain."),
        ("MM-", "agree", "Both models say Malignant. One model gave no answer."),
        (
            "M-B",
            "disagree",
            (
                "The models disagree: 1 of 2 says Malignant, 1 says Benign. "
                "One model gave no answer."
            ),
        ),
        ("-B-", "undecided", "Only one of three models answered; it says Benign."),
        ("-?-", "undecided", "Only one of three models answered; it is uncertain."),
        ("M", "agree", "The model says Malignant."),
        ("?", "undecided", "The model is uncertain."),
        ("MMMM", "agree", "All four models say Malignant."),
        ("MMBB", "disagree", "The models disagree: 2 of 4 say Malignant, 2 say Benign."),
        ("MM--", "agree", "Both models say Malignant. Two models gave no answer."),
    ],
)
def test_a_signal_and_a_sentence_say_whether_models_agree(
    words: str, signal: str, sentence: str
) -> None:
    found = agreement([said(word) for word in words])
    assert found == Agreement(signal=signal, sentence=sentence)


@pytest.mark.parametrize("words", ["---", ""])
def test_silence_is_no_agreement(words: str) -> None:
    assert agreement([said(word) for word in words]) is None
