import os
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.catalogue import model_keys
from models.checkpoint import ForeignCheckpoint
from portal.checkpoint_store import CheckpointStore
from portal.errors import ModelUnavailable
from portal.model_loader import ModelLoader
from portal.network import Network
from portal.prediction_store import PredictionStore

FIRST, SECOND = model_keys()[:2]


class FakeOpener:
    """Opens nothing: counts, takes its time, and fails while it is told to."""

    def __init__(self) -> None:
        self.opened: Counter[Path] = Counter()
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, path: Path) -> Network:
        self.opened[path] += 1
        time.sleep(0.01)
        self.gate.wait(5)
        if self.failure is not None:
            raise self.failure
        return lambda tensor: float(tensor.mean())


@pytest.fixture
def opener() -> FakeOpener:
    return FakeOpener()


@pytest.fixture
def store(installed: Path) -> CheckpointStore:
    return CheckpointStore(installed)


@pytest.fixture
def loader(store: CheckpointStore, opener: FakeOpener) -> ModelLoader:
    return ModelLoader(store, opener=opener)


def test_nothing_is_opened_before_it_is_asked_for(loader: ModelLoader, opener: FakeOpener) -> None:
    assert not opener.opened
    assert loader.loaded == 0
    assert loader.load(FIRST).card.model == FIRST.slug
    assert loader.loaded == 1
    assert list(opener.opened.values()) == [1]


def test_eight_threads_share_one_opening(loader: ModelLoader, opener: FakeOpener) -> None:
    with ThreadPoolExecutor(8) as pool:
        classifiers = list(pool.map(loader.load, [FIRST] * 8))
    assert list(opener.opened.values()) == [1]
    assert all(classifier is classifiers[0] for classifier in classifiers)


def test_a_slow_opening_does_not_hold_up_another_file(
    loader: ModelLoader, opener: FakeOpener, store: CheckpointStore
) -> None:
    loader.load(SECOND)
    opener.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(loader.load, FIRST)
        while store.path(FIRST) not in opener.opened:
            time.sleep(0.001)
        assert loader.load(SECOND)
        assert not slow.done()
        opener.gate.set()
        assert slow.result()


def test_an_unforeseen_failure_is_a_refusal_and_is_tried_again(
    loader: ModelLoader, opener: FakeOpener, caplog: pytest.LogCaptureFixture
) -> None:
    opener.failure = RuntimeError("secret words")
    with pytest.raises(ModelUnavailable) as why:
        loader.load(FIRST)
    assert "secret words" not in str(why.value)
    assert "secret words" in caplog.text
    opener.failure = None
    assert loader.load(FIRST)


def test_a_refusal_passes_as_it_is(loader: ModelLoader, opener: FakeOpener) -> None:
    opener.failure = ForeignCheckpoint(expected="a model", received="something else")
    with pytest.raises(ForeignCheckpoint):
        loader.load(FIRST)


def test_a_file_that_changes_is_opened_anew(
    loader: ModelLoader, opener: FakeOpener, store: CheckpointStore
) -> None:
    path = store.path(FIRST)
    before = path.stat()
    first = loader.load(FIRST)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert loader.load(FIRST) is not first
    assert opener.opened[path] == 2


def test_the_nearest_model_is_one_that_is_open_or_will_be_first(
    loader: ModelLoader, opener: FakeOpener, store: CheckpointStore
) -> None:
    assert loader.nearest is None
    opener.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(loader.load, SECOND)
        while store.path(SECOND) not in opener.opened:
            time.sleep(0.001)
        assert loader.nearest == SECOND
        opener.gate.set()
        slow.result()
    loader.load(FIRST)
    assert loader.nearest == SECOND


def test_a_model_that_cannot_be_opened_is_not_near(loader: ModelLoader, opener: FakeOpener) -> None:
    opener.failure = RuntimeError("secret words")
    with pytest.raises(ModelUnavailable):
        loader.load(FIRST)
    assert loader.nearest is None


class TestClassifier:
    def test_it_reads_the_probability_with_the_cards_threshold(self, loader: ModelLoader) -> None:
        verdict = loader.load(FIRST).verdict(np.full((1, 224, 224, 3), 0.41, dtype=np.float64))
        assert verdict.probability == pytest.approx(0.41)
        assert verdict.key == FIRST

    @pytest.mark.parametrize("answer", [float("nan"), 1.5, -0.1])
    def test_an_answer_that_is_no_probability_is_refused(
        self, loader: ModelLoader, answer: float
    ) -> None:
        with pytest.raises(ModelUnavailable):
            loader.load(FIRST).verdict(np.full((1, 224, 224, 3), answer))


def test_predictions_that_do_not_fit_are_none(
    store: CheckpointStore, opener: FakeOpener, tmp_path: Path
) -> None:
    for predictions in (None, PredictionStore(tmp_path)):
        loader = ModelLoader(store, opener=opener, predictions=predictions)
        assert loader.load(FIRST).tested() is None
