from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import prediction_table
from models.card import DataSummary, Estimate, ModelCard
from models.catalogue import model_keys
from portal.prediction_store import PredictionStore, PredictionsUnavailable
from tests.fakes import fake_card, fake_predictions, write_predictions

KEY = model_keys()[0]
CARD = fake_card(KEY)


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(write_predictions(tmp_path))


def path_of(store: PredictionStore) -> Path:
    return store.folder / KEY.checkpoint.with_suffix(".csv")


def refused(store: PredictionStore, card: ModelCard = CARD) -> str:
    with pytest.raises(PredictionsUnavailable) as refusal:
        store.find(card)
    assert CARD.model in refusal.value.expected
    return refusal.value.received


def test_the_predictions_of_a_card_are_found(store: PredictionStore) -> None:
    found, written = store.find(CARD), fake_predictions(KEY)
    for part, one in written.items():
        assert found[part].names == one.names
        assert np.array_equal(found[part].probabilities, one.probabilities)


def test_they_are_read_once_and_again_when_they_change(store: PredictionStore) -> None:
    found = store.find(CARD)
    assert store.find(CARD) is found
    assert store.points(CARD) is store.points(CARD)
    path_of(store).unlink()
    assert refused(store) == "none"
    write_predictions(store.folder, [KEY])
    assert store.find(CARD) is not found


@pytest.mark.parametrize(
    ("content", "received"),
    [
        (b"", "columns"),
        (b"part,image\n", "columns"),
        (b"\xff\xfe", "a file without comma-separated values in UTF-8"),
    ],
)
def test_a_damaged_file_is_refused(store: PredictionStore, content: bytes, received: str) -> None:
    path_of(store).write_bytes(content)
    assert received in refused(store)


def test_a_folder_in_their_place_is_refused(store: PredictionStore) -> None:
    path_of(store).unlink()
    path_of(store).mkdir()
    assert "a file without" in refused(store)


def test_a_file_that_cannot_be_read_is_refused(store: PredictionStore) -> None:
    folder = path_of(store).parent
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()  # no folder any more
    assert "a file that cannot be read" in refused(store)


def test_predictions_for_other_images_are_refused(store: PredictionStore) -> None:
    data: DataSummary = replace(CARD.data, counts={**CARD.data.counts, "validation": (58, 28)})
    assert "other validation images" in refused(store, replace(CARD, data=data))


def test_predictions_of_other_weights_are_refused(store: PredictionStore) -> None:
    found = fake_predictions(KEY)
    test = replace(found["test"], probabilities=1.0 - found["test"].probabilities)
    prediction_table.write(path_of(store), {**found, "test": test})
    assert "another model" in refused(store)


def test_another_area_is_refused(store: PredictionStore) -> None:
    other = {**CARD.metrics["test"], "roc_auc": Estimate(value=0.91, low=0.8, high=0.96)}
    card = replace(CARD, metrics={**CARD.metrics, "test": other})
    assert "another model" in refused(store, card)
