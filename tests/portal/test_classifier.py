import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import model_keys
from models.explanation import Explainer
from portal.classifier import Classifier
from portal.engine import open_network
from portal.errors import ModelUnavailable
from portal.network import Look
from tests.fakes import fake_card, pixels

KEY = model_keys()[6]
IMAGES = [pixels(seed, (224, 224))[np.newaxis].astype(np.float32) for seed in range(6)]


@pytest.fixture
def classifier(installed: Path) -> Classifier:
    path = installed / KEY.checkpoint
    return Classifier(
        card=fake_card(KEY),
        network=open_network(path),
        explainer=lambda: Explainer.read(path),
        tested=lambda: None,
    )


def test_an_explained_verdict_is_the_same_verdict(classifier: Classifier) -> None:
    for image in IMAGES:
        verdict, heat_map = classifier.explained(image)
        assert verdict == classifier.verdict(image)
        assert heat_map.pixels.shape == (224, 224)
        assert heat_map.fields == (28, 28)


def test_the_map_is_for_the_label_that_was_said(classifier: Classifier) -> None:
    image = IMAGES[0]
    explainer = classifier.explainer()
    features = classifier.network.look(image).features
    for threshold, positive in ((0.0001, True), (0.9999, False)):
        decided = replace(classifier, card=fake_card(KEY, threshold=threshold))
        verdict, heat_map = decided.explained(image)
        assert verdict.positive is positive
        expected = explainer.heat_map(features, positive=positive)
        assert np.array_equal(heat_map.pixels, expected.pixels)


def test_the_head_leads_from_the_features_to_the_answer(classifier: Classifier) -> None:
    for image in IMAGES:
        look = classifier.network.look(image)
        assert look.probability == classifier.network(image)
        again = classifier.explainer().probability(look.features)
        assert again == pytest.approx(look.probability, abs=1e-4)


def test_features_stay_as_they_were_when_others_are_asked(classifier: Classifier) -> None:
    first = classifier.network.look(IMAGES[0]).features
    kept = first.copy()
    classifier.network.look(IMAGES[1])
    assert np.array_equal(first, kept)


def test_another_networks_head_is_refused(
    classifier: Classifier, installed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = installed / model_keys()[7].checkpoint
    mixed = replace(classifier, explainer=lambda: Explainer.read(other))
    with caplog.at_level(logging.ERROR), pytest.raises(ModelUnavailable, match="rests on"):
        mixed.explained(IMAGES[0])
    assert "own head" in caplog.text


class Deaf:
    """A network whose features are no numbers."""

    def __call__(self, tensor: np.ndarray) -> float:
        return 0.5

    def look(self, tensor: np.ndarray) -> Look:
        return Look(probability=0.5, features=np.full((4, 28, 28), np.nan, np.float32))


def test_features_that_are_no_numbers_are_refused(classifier: Classifier) -> None:
    with pytest.raises(ModelUnavailable):
        replace(classifier, network=Deaf()).explained(IMAGES[0])
