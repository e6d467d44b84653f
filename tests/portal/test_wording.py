"""The numbers that are printed beside a word, read by somebody who has nothing else."""

import pytest

from models import prediction_table
from models.catalogue import ModelKey, model_keys
from portal.checkpoint_store import CheckpointStore
from portal.figures.probability_bar import probability_bar
from portal.result import Document, Result
from portal.settings import PROJECT
from portal.uncertainty import EVEN, UNCERTAIN
from portal.verdict import Verdict
from portal.wording import calibrated_probability, model_probability
from tests.results import IMAGE, TIME

MODELS = PROJECT / "models"


def read(text: str) -> float:
    """The number that a text says, or one just beyond where it says "more" or "less"."""
    beyond = {"<": -1e-12, ">": 1e-12}.get(text[0], 0.0)
    return float(text.strip("<> ")) + beyond


def document(verdict: Verdict) -> Document:
    (model,) = Result(
        title=verdict.key.title,
        modality=verdict.key.modality,
        sha256="ab" * 32,
        checks=(),
        preview=IMAGE.preview,
        verdicts=(verdict,),
    ).document(TIME)["models"]
    found: Document = model
    return found


def check(verdict: Verdict, *written: str) -> None:
    """Fails where a probability contradicts the word beside it."""
    ends, threshold = verdict.band.ends, verdict.threshold
    low, high = map(float, ends)
    for text in written:
        said = text, ends, verdict.word
        assert (low <= read(text) < high) is verdict.uncertain, said
        assert (read(text) >= threshold) is verdict.positive, said


def check_page(verdict: Verdict) -> None:
    """The page's numbers."""
    check(verdict, verdict.written)
    cut = read(verdict.calibrated_threshold_written)
    assert (read(verdict.calibrated_written) >= cut) is verdict.positive
    assert (read(verdict.calibrated_written) >= EVEN) is (verdict.calibrated >= EVEN)


def check_document(verdict: Verdict) -> None:
    """Those of a result, and what is written from them."""
    model = document(verdict)
    check(verdict, model_probability(model))
    kept, band = model["probability"], model["uncertain"]
    assert (band["low"] <= kept < band["high"]) is (model["verdict"] == UNCERTAIN)
    assert (kept >= model["threshold"]["value"]) is verdict.positive
    calibrated = read(calibrated_probability(model))
    assert (calibrated >= EVEN) is (verdict.calibrated >= EVEN)
    if verdict.band:
        drawn = probability_bar(verdict)
        assert drawn.probability.text == verdict.written
        for words in (verdict.promise, band["rule"], drawn.alt):
            assert all(end in words for end in verdict.band.ends)


@pytest.mark.parametrize("key", model_keys(), ids=str)
def test_no_number_contradicts_the_word_beside_it(key: ModelKey) -> None:
    """Of any image of the study, nor of one at an edge."""
    card = CheckpointStore(MODELS / "checkpoints").find(key).card
    parts = prediction_table.read(MODELS / "predictions" / key.checkpoint.with_suffix(".csv"))
    found = {float(one) for part in parts.values() for one in part.probabilities}
    given = Verdict(key=key, card=card, probability=0.5)
    edges = given.threshold, given.band.low, given.band.high
    for edge in edges:
        near = {edge + step for step in (-1e-3, -1e-5, -1e-7, 1e-7, 1e-5, 1e-3)}
        found |= near | {round(edge, 2), round(edge, 3)}  # no float32 is an end of 16 digits
    for probability in found:
        verdict = Verdict(key=key, card=card, probability=probability)
        check_page(verdict)
        if min(abs(probability - edge) for edge in edges) < 0.01:
            check_document(verdict)


def test_the_end_of_a_band_has_more_decimals_where_a_probability_needs_them() -> None:
    key = next(each for each in model_keys() if each.slug == "vgg_mammography_initial")
    card = CheckpointStore(MODELS / "checkpoints").find(key).card
    for probability, written, high in ((0.652, "0.652", "0.653"), (0.7, "0.70", "0.65")):
        given = Verdict(key=key, card=card, probability=probability)
        assert (given.written, given.band.ends) == (written, ("0.55", high))
