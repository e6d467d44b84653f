from pathlib import Path

import pytest

from models.catalogue import MODALITIES, model_keys
from portal.checkpoint_store import CheckpointStore
from portal.gate_store import GateStore
from portal.prediction_store import PredictionStore
from portal.study import Study
from portal.study_choice import StudyWish
from portal.subgroups import Subgroups

KEY = model_keys()[0]


def study_of(checkpoints: Path, gates: Path) -> Study:
    return Study(
        checkpoints=CheckpointStore(checkpoints),
        gates=GateStore(gates),
        predictions=(predictions := PredictionStore(checkpoints.parent / "predictions")),
        subgroups=Subgroups(predictions=predictions, folder=checkpoints.parent / "subgroups"),
    )


@pytest.fixture
def study(installed: Path, gates: Path) -> Study:
    return study_of(installed, gates)


def test_at_first_all_models_stand_in_the_catalogues_order(study: Study) -> None:
    page = study.overview()

    assert [row.key for row in page.rows] == list(model_keys())
    assert (page.kind, page.order, page.banner) == (None, None, None)


@pytest.mark.parametrize("kind", MODALITIES)
def test_one_kind_of_image_may_be_chosen(study: Study, kind: str) -> None:
    page = study.overview("-model", kind)

    assert {row.key.modality.key for row in page.rows} == {kind}
    titles = [row.key.backbone.title for row in page.rows]
    assert titles == sorted(titles, reverse=True)


@pytest.mark.parametrize(("order", "kind"), [("none", None), (None, "none"), ("--f1", "none")])
def test_a_choice_that_does_not_exist_is_a_banner_above_the_whole_table(
    study: Study, order: str | None, kind: str | None
) -> None:
    page = study.overview(order, kind)

    assert page.banner is not None
    assert (page.rows, page.kind, page.order) == (study.overview().rows, None, None)


def test_a_model_is_shown_at_the_point_that_decides(study: Study) -> None:
    page = study.model(KEY)

    assert page.choice is not None
    assert page.choice.decides
    assert page.banner is None


def test_another_point_may_be_chosen(study: Study) -> None:
    page = study.model(KEY, StudyWish(point="high-sensitivity"))

    assert page.card is not None
    assert page.choice is not None
    assert page.choice.point == page.card.high_sensitivity
    assert not page.choice.decides


def test_a_point_that_does_not_exist_is_a_banner_and_the_deciding_one(study: Study) -> None:
    page = study.model(KEY, StudyWish(point="nearest"))

    assert page.banner is not None
    assert page.banner.expected == "point to be one of best-f1, high-sensitivity"
    assert page.choice is not None
    assert page.choice.decides


def test_a_model_that_is_not_installed_says_so(tmp_path: Path) -> None:
    page = study_of(tmp_path, tmp_path).model(KEY, StudyWish(point="nearest"))

    assert page.banner is not None
    assert page.banner.title == "This model is not installed"
    assert (page.card, page.choice, page.choices) == (None, None, ())
