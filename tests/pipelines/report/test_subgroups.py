import re
from dataclasses import replace

import numpy as np
import pytest

from models.catalogue import MODALITIES, ModelKey
from models.subgroup_results import LEAST_FOR_AREA, AttributeResult, subgroup_results
from models.subgroup_words import rules, verdict
from models.wilson import wilson
from pipelines.report import Models, markdown, of_modality
from pipelines.report.comparisons import best
from pipelines.report.subgroups import subgroups_section
from tests.pipelines.report.test_sections import ROUNDED, row_of, rows


@pytest.fixture
def key(mine: Models) -> ModelKey:
    """The model that is shown."""
    return best(mine)


def results(models: Models, key: ModelKey) -> tuple[AttributeResult, ...]:
    """What the portal shows of the same model at the same threshold."""
    model = models[key]
    assert model.known is not None
    return subgroup_results(model.known, model.test, model.card.threshold.value)


def test_every_subgroup_has_a_row_with_its_counts(mine: Models, key: ModelKey) -> None:
    text = subgroups_section(mine, key)
    for result in results(mine, key):
        for each in result.subgroups:
            found = row_of(text, each.value)
            images = (each.negative.images, each.positive.images, each.groups)
            assert found[1:4] == [str(count) for count in images]
    truths = [key.modality.spared.capitalize(), key.modality.found.capitalize()]
    assert rows(text)[0][1:3] == truths  # not what the model says
    shown = sum(len(result.subgroups) + 2 for result in results(mine, key))
    assert len(rows(text)) == shown


def test_shares_and_areas_have_their_intervals(mine: Models, key: ModelKey) -> None:
    text = subgroups_section(mine, key)
    for each in results(mine, key)[0].subgroups:
        found = row_of(text, each.value)
        for cell, counted in ((found[4], each.positive), (found[5], each.negative)):
            low, high = wilson(np.array([counted.right]), np.array([counted.images]))
            share = counted.right / counted.images
            shown = [float(part) for part in re.findall(r"[01]\.\d+", cell)]
            assert shown == pytest.approx([share, low[0], high[0]], abs=ROUNDED)
        assert each.area is not None
        assert found[6] == markdown.estimate(each.area)


def test_what_is_too_little_is_said_in_place_of_a_number(mine: Models, key: ModelKey) -> None:
    found = row_of(subgroups_section(mine, key), "rare")
    assert found[6] == f"fewer than {LEAST_FOR_AREA} of a label"


def test_the_words_are_those_of_the_portal(mine: Models, key: ModelKey) -> None:
    text, group = subgroups_section(mine, key), mine[key].card.data.group
    assert text.startswith(f"Model: {key.short_title}, at its threshold of ")
    assert rules(group) in text
    for result in results(mine, key):
        assert verdict(result, group) in text
    assert "It is not known of 1 test images" in text


def test_a_difference_of_another_model_is_told(study: Models) -> None:
    mine = of_modality(MODALITIES["ultrasound"], study)  # each of its images is a group
    key, other, *_ = mine
    model = mine[other]
    assert model.known is not None
    test = model.test
    dark = np.array(model.known.values("shade", "test", test.names)) == "dark"
    right_in_the_dark_only = (dark == (test.labels == 1)).astype(float)
    biased = replace(test, probabilities=right_in_the_dark_only)
    changed = replace(model, predictions={**model.predictions, "test": biased})
    text = subgroups_section({**mine, other: changed}, key)
    assert f"{other.short_title}: By more than chance would explain" in text
    assert "is higher in dark than in light (p < 0.001)" in text


def test_what_no_model_can_be_told_is_said_of_all(mine: Models, key: ModelKey) -> None:
    text = subgroups_section(mine, key)
    assert not results(mine, key)[1].tested
    assert f"The same goes for the other {len(mine) - 1} models." in text


def test_a_single_model_has_no_others(mine: Models, key: ModelKey) -> None:
    text = subgroups_section({key: mine[key]}, key)
    assert "the other" not in text.replace("one of these than in another", "")


def test_where_nothing_is_known_that_is_said(mine: Models, key: ModelKey) -> None:
    unknown = {each: replace(model, known=None) for each, model in mine.items()}
    text = subgroups_section(unknown, key)
    assert "python -m pipelines subgroups" in text
    assert not rows(text)
