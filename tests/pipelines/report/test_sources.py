"""Source images: what tiles were cut from, and intervals by them."""

from dataclasses import replace

import numpy as np
import pytest

from models.catalogue import MODALITIES
from models.required_f1 import REQUIRED_F1
from pipelines.report import Models, Published, of_modality
from pipelines.report.data import data_section, held_out_table
from pipelines.report.sources import count_sources, sources, sources_section
from tests.pipelines.report.test_sections import row_of

FEW = "histopathology"  # of the made-up study
IMAGES = 10


@pytest.fixture
def cut(study: Models) -> Models:
    """Models whose test tiles were cut from a few images."""
    return {key: _cut(model) for key, model in of_modality(MODALITIES[FEW], study).items()}


def _cut(model: Published) -> Published:
    test = model.test
    label = test.labels.tolist()
    names = tuple(f"im {i % 5}-{label[i]}@{i},0" for i in range(len(test.names)))
    return replace(model, predictions={**model.predictions, "test": replace(test, names=names)})


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("mdb001@535,598#0", "mdb001"),
        ("ytma12_010804_benign1_ccd@0,112", "ytma12_010804_benign1_ccd"),
        ("benign (1).jpg", "benign (1).jpg"),
        ("a@b.png", "a@b.png"),
        ("a@1,2@3,4", "a@1,2"),
    ],
)
def test_a_cut_is_named_after_its_image(name: str, source: str, study: Models) -> None:
    test = next(iter(study.values())).test
    named = replace(test, names=(name, *test.names[1:]))
    assert sources(named)[0] == source


def test_images_stand_beside_groups(cut: Models) -> None:
    assert count_sources(cut) == IMAGES
    data = next(iter(cut.values())).card.data
    assert f"{data.unit}s | {IMAGES} | {data.groups['test']} | " in held_out_table(cut)
    assert f"groups only, and {IMAGES} images.**" in data_section(cut)


def test_where_groups_are_few_images_are_drawn(cut: Models) -> None:
    text = sources_section(cut)
    assert f"cut from {IMAGES} images" in text
    wider = 0
    for key, model in cut.items():
        row, f1 = row_of(text, key.short_title), model.card.metrics["test"]["f1"]
        value, low, high = (
            float(number)
            for number in row[1].replace("(", "").replace(")", "").replace("-", " ").split()
        )
        assert value == pytest.approx(f1.value, abs=0.001)
        assert low == pytest.approx(_drawn(model)[0], abs=0.03)
        assert high == pytest.approx(_drawn(model)[1], abs=0.03)
        wider += low >= REQUIRED_F1
    assert (f"above {REQUIRED_F1:.2f} for: none." in text) is (wider == 0)


def _drawn(model: Published) -> tuple[float, float]:
    """The middle 95 % of F1, images drawn one after the other."""
    test, random = model.test, np.random.default_rng(5)
    called, positive = test.probabilities >= model.card.threshold.value, test.labels == 1
    names = sources(test)
    rows = [np.flatnonzero(names == name) for name in sorted(set(names))]
    found = []
    for _ in range(1000):
        drawn = np.concatenate([rows[i] for i in random.integers(0, len(rows), len(rows))])
        hits = np.sum(called[drawn] & positive[drawn])
        found.append(2 * hits / max(1, np.sum(called[drawn]) + np.sum(positive[drawn])))
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def test_nothing_is_said_of_many_groups_or_of_what_was_not_cut(mine: Models) -> None:
    assert sources_section(mine) == ""
