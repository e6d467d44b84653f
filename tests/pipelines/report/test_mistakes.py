from dataclasses import replace

import numpy as np
import pytest

from pipelines.report import Models, Published
from pipelines.report.comparisons import best
from pipelines.report.mistakes import mistakes_section, worst


def missed(model: Published) -> set[str]:
    """Names of the images called wrong, counted one by one."""
    test = model.test
    return {
        name
        for name, label, p in zip(test.names, test.labels, test.probabilities, strict=True)
        if (p >= model.card.threshold.value) != bool(label)
    }


def test_the_worst_mistakes_are_the_most_confident_of_all(mine: Models) -> None:
    for key, model in mine.items():
        every = worst(mine, key, count=10_000)
        assert {each.image for each in every} == missed(model)
        assert [e.confidence for e in every] == sorted((e.confidence for e in every), reverse=True)
        assert worst(mine, key) == every[:5]
        place = {name: i for i, name in enumerate(model.test.names)}
        for each in every:
            i = place[each.image]
            assert (each.group, each.label) == (model.test.groups[i], model.test.labels[i])
            assert each.probability == model.test.probabilities[i]
            p = model.card.calibration.calibrated(each.probability)
            assert each.confidence == pytest.approx(1 - p if each.label else p)


def test_it_is_told_by_how_many_models_an_image_is_missed(mine: Models) -> None:
    all_missed = [missed(model) for model in mine.values()]
    for each in worst(mine, best(mine)):
        assert each.missed_by == sum(each.image in names for names in all_missed) >= 1


def test_the_section_names_images_groups_and_labels(mine: Models) -> None:
    key = best(mine)
    text = mistakes_section(mine, key)
    for each in worst(mine, key):
        name = each.image.replace("|", "\\|")
        truth = (key.modality.spared, key.modality.found)[each.label]
        assert f"| `{name}` | `{each.group}` | {truth} |" in text
        assert f"| {each.missed_by} of {len(mine)} |" in text
    shared = set.intersection(*(missed(model) for model in mine.values()))
    assert f"that all {len(mine)} models call wrong: {len(shared)}." in text
    assert f"{len(missed(mine[key]))} of {len(mine[key].test.labels)} test images" in text


def test_a_model_without_a_mistake_says_so(mine: Models) -> None:
    key = best(mine)
    test = replace(mine[key].test, probabilities=mine[key].test.labels.astype(np.float64))
    perfect = replace(mine[key], predictions={**mine[key].predictions, "test": test})
    assert mistakes_section({**mine, key: perfect}, key) == "It calls every test image right."
