"""Predictor and ComparePredictor with every collaborator handed in."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from models.catalogue import Cohort, cohorts
from portal.checkpoint_store import CheckpointStore
from portal.compare_predictor import ComparePredictor
from portal.file_manager import FileManager
from portal.gate_store import GateStore
from portal.gatekeeper import Gatekeeper
from portal.image_loader import ImageLoader
from portal.intake import Intake
from portal.model_loader import ModelLoader
from portal.predictor import Predictor
from portal.upload import Upload
from tests.fakes import png

COHORT: Cohort = cohorts()[2]
KEY = COHORT.keys[0]


def upload(content: bytes = b"", name: str = "a.png", **fields: str) -> Upload:
    file = FileStorage(io.BytesIO(content or png()), filename=name)
    return Upload(files=MultiDict([("image", file)]), fields=fields)


class Answers:
    """An opener whose networks answer with fixed probabilities, in the cohort's order."""

    def __init__(self, folder: Path, *probabilities: float | Exception) -> None:
        paths = [folder / key.checkpoint for key in COHORT.keys]
        self._answers = dict(zip(paths, probabilities, strict=False))

    def __call__(self, path: Path) -> Callable[[np.ndarray], float]:
        answer = self._answers[path]
        if isinstance(answer, Exception):
            raise answer
        return lambda _tensor: answer


@pytest.fixture
def compare(installed: Path, gates: Path, tmp_path: Path) -> Callable[..., ComparePredictor]:
    def make(*probabilities: float | Exception) -> ComparePredictor:
        store = CheckpointStore(installed)
        return ComparePredictor(
            cohort=COHORT,
            intake=Intake(
                files=FileManager(tmp_path / "uploads"),
                images=ImageLoader(),
                gatekeeper=Gatekeeper(gates=GateStore(gates)),
            ),
            checkpoints=store,
            models=ModelLoader(store, opener=Answers(installed, *probabilities)),
        )

    return make


@pytest.fixture
def single(compare: Callable[..., ComparePredictor]) -> Callable[..., Predictor]:
    def make(probability: float | Exception) -> Predictor:
        made = compare(probability)
        return Predictor(
            key=KEY,
            intake=made.intake,
            checkpoints=made.checkpoints,
            models=made.models,
        )

    return make


class TestPredictor:
    def test_the_empty_page_has_the_card_and_opens_nothing(
        self, single: Callable[..., Predictor]
    ) -> None:
        page = single(RuntimeError("not to be opened")).page()
        assert page.card is not None
        assert page.cohort == COHORT
        assert (page.verdict, page.banner, page.preview, page.elapsed_ms) == (None,) * 4

    def test_an_upload_is_answered(self, single: Callable[..., Predictor]) -> None:
        page = single(0.7).answer(upload())
        assert page.verdict is not None
        assert (page.verdict.label, page.verdict.probability) == ("Malignant", 0.7)
        assert page.banner is None
        assert page.checks
        assert page.preview is not None
        assert page.elapsed_ms is not None
        assert page.elapsed_ms >= 0

    def test_a_refused_upload_keeps_the_page(self, single: Callable[..., Predictor]) -> None:
        page = single(0.7).answer(upload(b"words"))
        assert page.banner is not None
        assert page.card is not None
        assert (page.verdict, page.preview) == (None, None)

    def test_a_field_that_nothing_heeds_is_refused(self, single: Callable[..., Predictor]) -> None:
        page = single(0.7).answer(upload(colour="blue"))
        assert page.banner is not None
        assert page.banner.title == "The form has a field that is not known here"
        assert "blue" not in str(page.banner)
        assert page.verdict is None

    def test_a_model_that_fails_leaves_the_checks_of_the_image(
        self, single: Callable[..., Predictor]
    ) -> None:
        page = single(RuntimeError("secret words")).answer(upload())
        assert page.banner is not None
        assert "secret words" not in str(page.banner)
        assert page.checks
        assert page.verdict is None

    def test_a_missing_model_is_said_before_and_after(
        self, single: Callable[..., Predictor], tmp_path: Path
    ) -> None:
        store = CheckpointStore(tmp_path)
        predictor = replace(single(0.7), checkpoints=store, models=ModelLoader(store))
        for page in (predictor.page(), predictor.answer(upload())):
            assert page.card is None
            assert page.banner is not None
            assert page.banner.title == "This model is not installed"


class TestComparePredictor:
    def test_the_empty_page_lists_the_models(
        self, compare: Callable[..., ComparePredictor]
    ) -> None:
        page = compare().page()
        assert [row.key for row in page.rows] == list(COHORT.keys)
        assert all(row.card and not row.verdict and not row.banner for row in page.rows)
        assert page.agreement is None

    def test_every_model_answers(self, compare: Callable[..., ComparePredictor]) -> None:
        page = compare(0.9, 0.1, 0.41).answer(upload())
        labels = [row.verdict.label for row in page.rows if row.verdict]
        assert labels == ["Malignant", "Benign", "Malignant"]
        words = [row.verdict.word for row in page.rows if row.verdict]
        assert words == ["Malignant", "Benign", "Uncertain"]
        assert page.agreement is not None
        assert page.agreement.sentence == (
            "The models disagree: 1 of 3 says Malignant, 1 says Benign, 1 is uncertain."
        )
        assert page.spread is not None
        assert len(page.spread.values) == 3
        assert page.elapsed_ms is not None

    def test_a_model_that_fails_is_one_row(self, compare: Callable[..., ComparePredictor]) -> None:
        page = compare(0.9, RuntimeError("secret words"), 0.8).answer(upload())
        first, second, third = page.rows
        assert first.verdict
        assert third.verdict
        assert second.verdict is None
        assert second.banner is not None
        assert page.agreement is not None
        assert page.agreement.sentence == "Both models say Malignant. One model gave no answer."

    def test_a_refused_upload_asks_no_model(self, compare: Callable[..., ComparePredictor]) -> None:
        page = compare(*[RuntimeError("not to be opened")] * 3).answer(upload(name="a.txt"))
        assert page.banner is not None
        assert all(row.verdict is None and row.banner is None for row in page.rows)
        assert page.agreement is None
