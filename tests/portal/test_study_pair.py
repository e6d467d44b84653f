"""Pairs of models, beside the report's own comparisons."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models import prediction_table
from models.catalogue import MODALITIES, cohorts, find_model, model_keys
from models.paired_areas import FEW_GROUPS, AreaDifference
from pipelines.comparison import compare
from portal.checkpoint_store import CheckpointStore
from portal.downloads import DownloadRefused
from portal.prediction_store import PredictionStore
from portal.study_pair import Pair, StudyPairs
from tests.fakes import fake_card, fake_predictions, write_checkpoints, write_predictions

MODELS = Path(__file__).parents[2] / "models"
FIRST, SECOND, *_ = cohorts()[0].keys


def pairs_of(folder: Path) -> StudyPairs:
    return StudyPairs(
        checkpoints=CheckpointStore(folder / "checkpoints"),
        predictions=PredictionStore(folder / "predictions"),
    )


@pytest.fixture
def pairs(installed: Path) -> StudyPairs:
    return pairs_of(installed.parent)


@pytest.mark.parametrize("modality", MODALITIES)
def test_published_models_differ_as_the_report_says(modality: str) -> None:
    first, second, *_ = (key for key in model_keys() if key.modality.key == modality)
    page = pairs_of(MODELS).page(first.slug, second.slug)
    one, other = (
        prediction_table.read(MODELS / "predictions" / key.checkpoint.with_suffix(".csv"))["test"]
        for key in (first, second)
    )
    said = compare(
        one.labels, one.groups, one.probabilities, other.probabilities, (0.5, 0.5), seed=11
    )

    assert page.banner is None
    assert page.pair
    assert page.pair.images.first == pytest.approx(roc_auc_score(one.labels, one.probabilities))
    assert page.pair.images.value == pytest.approx(said.auc_difference.value)
    assert max(page.pair.images.p, page.pair.groups.p) == said.p_auc
    assert page.pair.group_count == len(set(one.groups))
    drawn = said.auc_difference.high - said.auc_difference.low
    each = [len(set(one.groups[one.labels == label])) for label in (0, 1)]
    assert page.pair.rarer_count == min(each)
    if page.pair.rarer_count >= FEW_GROUPS:
        assert page.pair.groups.high - page.pair.groups.low == pytest.approx(drawn, rel=0.25)


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    write_checkpoints(tmp_path / "checkpoints", [FIRST, SECOND])
    folder = write_predictions(tmp_path / "predictions", [FIRST, SECOND])
    before = pairs_of(tmp_path).page(FIRST.slug, SECOND.slug).pair
    found = fake_predictions(SECOND)
    test = found["test"]
    shuffled = replace(
        test,
        names=test.names[::-1],
        groups=test.groups[::-1],
        labels=test.labels[::-1],
        probabilities=test.probabilities[::-1],
    )
    path = folder / SECOND.checkpoint.with_suffix(".csv")
    prediction_table.write(path, {**found, "test": shuffled})
    after = pairs_of(tmp_path).page(FIRST.slug, SECOND.slug).pair

    assert before
    assert after
    assert np.allclose(after.images.p, before.images.p)
    assert np.allclose(after.groups.p, before.groups.p)


def test_models_of_other_images_are_refused(tmp_path: Path) -> None:
    write_checkpoints(tmp_path / "checkpoints", [FIRST, SECOND])
    folder = write_predictions(tmp_path / "predictions", [FIRST, SECOND])
    found = fake_predictions(SECOND)
    renamed = replace(found["test"], names=tuple(f"x{name}" for name in found["test"].names))
    path = folder / SECOND.checkpoint.with_suffix(".csv")
    prediction_table.write(path, {**found, "test": renamed})
    page = pairs_of(tmp_path).page(FIRST.slug, SECOND.slug)

    assert page.banner
    assert page.banner.expected == "two models with the same test images"


def test_without_predictions_nothing_is_compared(tmp_path: Path) -> None:
    write_checkpoints(tmp_path / "checkpoints", [FIRST, SECOND])
    page = pairs_of(tmp_path).page(FIRST.slug, SECOND.slug)
    assert page.banner
    assert page.pair is None


@pytest.mark.parametrize("chosen", [None, "", *(key.slug for key in model_keys())])
def test_the_form_stands_alone_until_both_are_chosen_and_proposes_a_pair(
    pairs: StudyPairs, chosen: str | None
) -> None:
    for a, b in ((chosen, None), (None, chosen)):
        page = pairs.page(a, b)
        assert (page.pair, page.banner) == (None, None)
        assert not chosen or chosen == (page.a if a else page.b)
        assert page.a != page.b
        assert find_model(page.a).modality == find_model(page.b).modality


@pytest.mark.parametrize(("a", "b"), [(None, None), (FIRST.slug, None), (None, SECOND.slug)])
def test_of_one_model_there_are_no_files(pairs: StudyPairs, a: str | None, b: str | None) -> None:
    with pytest.raises(DownloadRefused) as refused:
        pairs.numbers(a, b)
    assert refused.value.status == 400


OTHER_KIND = next(key for key in model_keys() if key.modality != FIRST.modality)


@pytest.mark.parametrize(
    ("a", "b", "received"),
    [
        (FIRST.slug, FIRST.slug, "twice"),
        (FIRST.slug, OTHER_KIND.slug, OTHER_KIND.modality.title.lower()),
        ("nobody", FIRST.slug, "nobody"),
        (FIRST.slug, "<script>", "<script>"),
    ],
)
def test_pairs_that_cannot_be_are_refused(pairs: StudyPairs, a: str, b: str, received: str) -> None:
    page = pairs.page(a, b)
    assert page.pair is None
    assert page.banner
    assert received in page.banner.received
    with pytest.raises(DownloadRefused) as refused:
        pairs.drawing(a, b)
    assert refused.value.status == 400


def difference(p: float, low: float, high: float) -> AreaDifference:
    return AreaDifference(first=0.9, second=0.8, low=low, high=high, p=p)


CLEAR, UNCLEAR = difference(0.01, 0.02, 0.18), difference(0.2, -0.05, 0.25)


@pytest.mark.parametrize(
    ("images", "groups", "count", "apart", "words"),
    [
        (CLEAR, CLEAR, FEW_GROUPS, True, "in order better than"),
        (CLEAR, UNCLEAR, FEW_GROUPS, False, "cannot tell the two apart"),
        (UNCLEAR, CLEAR, FEW_GROUPS, False, "cannot tell the two apart"),
        (CLEAR, CLEAR, FEW_GROUPS - 1, False, "9 groups only"),
    ],
)
def test_two_are_apart_only_where_all_agrees(
    images: AreaDifference, groups: AreaDifference, count: int, apart: bool, words: str
) -> None:
    pair = Pair(
        first=fake_card(FIRST),
        second=fake_card(SECOND),
        images=images,
        groups=groups,
        group_count=99,
        rarer_count=count,
    )
    assert pair.told_apart is apart
    assert words in pair.verdict
    if apart:
        better = pair.verdict.index(FIRST.backbone.title)
        assert better < pair.verdict.index(SECOND.backbone.title)
