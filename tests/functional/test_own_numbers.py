"""Every number stands under its own name: each metric of the test images is unlike all others."""

import io
import re
from collections.abc import Callable

import pytest

from models.card import METRICS, Estimate, ModelCard
from models.catalogue import cohorts
from tests.conftest import Portal
from tests.fakes import fake_card, png, with_own_numbers, write_checkpoints
from tests.functional.pages import text

COHORT = cohorts()[0]
KEY = COHORT.keys[0]
CARD = with_own_numbers(fake_card(KEY))
TEST = CARD.metrics["test"]


@pytest.fixture(scope="module")
def told_apart(
    make_portal: Callable[..., Portal], tmp_path_factory: pytest.TempPathFactory
) -> Portal:
    """A portal whose cards have no number twice."""
    folder = tmp_path_factory.mktemp("told_apart")
    return make_portal(write_checkpoints(folder, COHORT.keys, with_own_numbers))


def upload() -> dict[str, tuple[io.BytesIO, str]]:
    return {"image": (io.BytesIO(png()), "a.png")}


def percent(name: str) -> str:
    return f"{100 * TEST[name].value:.0f} %"


def percents(name: str) -> str:
    return f"{100 * TEST[name].low:.0f} to {100 * TEST[name].high:.0f}"


def decimals(name: str) -> str:
    return f"{TEST[name].value:.3f}"


def estimate(sent: dict[str, float]) -> Estimate:
    return Estimate(**sent)


def test_the_made_up_numbers_are_all_unlike() -> None:
    def values(card: ModelCard) -> list[float]:
        parts = (*card.metrics.values(), *card.high_sensitivity.metrics.values())
        return [one.value for part in parts for one in part.values()]

    assert len(set(values(CARD))) == len(values(CARD)) == 26


def test_a_program_is_told_sensitivity_and_specificity(told_apart: Portal) -> None:
    place = f"/api/v1/models/{KEY}"
    model = told_apart.client.get(place).json
    answer = told_apart.client.post(f"{place}/predict", data=upload()).json
    for document in (model, answer):
        assert estimate(document["sensitivity"]) == TEST["recall"]
        assert estimate(document["specificity"]) == TEST["specificity"]


def test_the_page_of_a_model_says_what_it_found_and_passed(told_apart: Portal) -> None:
    page = text(told_apart.client.get(f"/{KEY}").text)
    found, spared = KEY.modality.found.capitalize(), KEY.modality.spared.capitalize()
    interval = "95 % interval"
    unsure = "also where the word is Uncertain"
    assert (
        f"{found} found {percent('recall')}, {interval} {percents('recall')}: "
        f"these reach the threshold, {unsure}"
    ) in page
    assert (
        f"{spared} passed {percent('specificity')}, {interval} {percents('specificity')}: "
        f"these stay below it, {unsure}"
    ) in page


def test_a_verdict_says_both_beside_their_names(told_apart: Portal) -> None:
    page = text(told_apart.client.post(f"/{KEY}", data=upload()).text)
    both = f"{percent('recall')} and {percent('specificity')}"
    assert f"Sensitivity, specificity {both} at this threshold" in page


def test_a_table_of_models_has_each_number_in_its_column(told_apart: Portal) -> None:
    page = text(told_apart.client.get(f"/{KEY.modality.key}").text)
    shares = f"{percent('recall')} {percents('recall')} {percent('specificity')}"
    assert decimals("f1") in page
    assert shares in page
    assert page.index(decimals("f1")) < page.index(decimals("roc_auc")) < page.index(shares)


def test_a_comparison_says_the_area_under_each_curve(told_apart: Portal) -> None:
    page = told_apart.client.get(f"/{COHORT.slug}").text
    areas = re.findall(r'data-name="AUC">([0-9.]+)', page)
    assert areas == [decimals("roc_auc")] * len(COHORT.keys)


@pytest.mark.parametrize("name", METRICS)
def test_the_study_has_test_and_validation_in_their_columns(told_apart: Portal, name: str) -> None:
    place = f"/study/{KEY}"
    cells = [
        f"{CARD.metrics[part][name].value:.3f} "
        f"{CARD.metrics[part][name].low:.2f} to {CARD.metrics[part][name].high:.2f}"
        for part in ("test", "validation")
    ]
    card = text(told_apart.client.get(f"{place}/card").text)
    assert " ".join(cells) in card
    shown = told_apart.client.get(place).text
    for part in ("test", "validation") if f'data-metric="{name}"' in shown else ():
        row = shown.partition(f'data-metric="{name}"')[2].partition("</tr>")[0]
        cell = row.partition(f'data-part="{part}">')[2]
        assert cell.startswith(f"{CARD.metrics[part][name].value:.3f}")
