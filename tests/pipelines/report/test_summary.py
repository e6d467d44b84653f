from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from models.card import Estimate
from models.catalogue import ModelKey
from models.paired_areas import FEW_GROUPS
from models.required_f1 import REQUIRED_F1
from pipelines.aims import AUC_AIMS
from pipelines.report import Models, Published
from pipelines.report.comparisons import beside_no_skill, rarer_groups
from pipelines.report.summary import summary_section

ROUNDED = 0.00056  # to four digits in the card, then to three


def number(cell: str) -> float:
    """The number before its interval."""
    return float(cell.split(" ", maxsplit=1)[0])


def rows(text: str, first: str) -> dict[str, list[str]]:
    """The rows of the table whose head begins so, by their first cell."""
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |")) + 2
    found = {}
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found[name] = cells
    return found


def changed(model: Published, *, f1: float, low: float = 0.0) -> Published:
    card = model.card
    test = {**card.metrics["test"], "f1": Estimate(value=f1, low=low, high=1.0)}
    return replace(model, card=replace(card, metrics={**card.metrics, "test": test}))


def test_every_model_has_a_row_with_numbers_that_scikit_learn_finds(study: Models) -> None:
    found = rows(summary_section(study), "Model")
    assert list(found) == [f"`{key.slug}`" for key in study]
    for key, model in study.items():
        told, test = found[f"`{key.slug}`"], model.test
        f1 = sk.f1_score(test.labels, test.probabilities >= model.card.threshold.value)
        assert number(told[0]) == pytest.approx(f1, abs=ROUNDED)
        assert told[1] == ("met" if f1 >= REQUIRED_F1 else "missed")
        area_found = sk.roc_auc_score(test.labels, test.probabilities)
        assert number(told[2]) == pytest.approx(area_found, abs=ROUNDED)


def test_the_number_that_meets_the_required_f1_is_told_with_those_that_do_not(
    study: Models,
) -> None:
    one, other, *_ = study
    models = {
        key: changed(model, f1=0.8, low=0.6 if key == other else 0.7)
        for key, model in study.items()
    } | {one: changed(study[one], f1=0.6999, low=0.2)}
    text = summary_section(models)
    assert f"**17 of {len(study)} models reach the F1 of 0.70" in text
    enough = [key for key, model in study.items() if len(set(model.test.groups)) >= FEW_GROUPS]
    (few,) = {key.modality.title.lower() for key in study if key not in enough}
    assert len(enough) == 12
    assert f"For 10 of them the whole interval does, those of {few} not counted: " in text
    assert "For 10 of them the whole interval does." in summary_section(
        {key: models[key] for key in enough}
    )
    none = {key: changed(model, f1=0.8, low=0.6999) for key, model in study.items()}
    assert "For none of them the whole interval does, " in summary_section(none)
    assert f"Missed by: {one.modality.title.lower()} ({one.short_title})." in text


def saying(model: Published, probabilities: np.ndarray) -> Published:
    """A model that says this of the test images."""
    test = replace(model.test, probabilities=probabilities)
    return replace(model, predictions={**model.predictions, "test": test})


def test_a_rule_without_skill_is_the_bar(study: Models) -> None:
    enough = [key for key in study if rarer_groups(study[key]) >= FEW_GROUPS]
    few = [key for key in study if key not in enough]
    useless, right, *others = enough
    models = {key: saying(model, model.test.labels * 1.0) for key, model in study.items()}
    models[useless] = saying(study[useless], np.ones(len(study[useless].test.labels)))
    nearly = others[-1]
    labels = study[nearly].test.labels
    said = np.ones(len(labels))
    said[np.flatnonzero(labels == 0)[0]] = 0.0
    models[nearly] = saying(study[nearly], said)
    text = summary_section(models)
    assert f"It is no better for: {named(useless)}." in text
    assert f"interval of the difference holds 0, for: {named(nearly)}." in text
    first = [key for key in enough if key.modality == right.modality and key != useless]
    better = f"{named(*first)} and {named(*(key for key in others if key not in (*first, nearly)))}"
    assert f"whole interval of the difference, for: {better}." in text
    assert right.short_title in better
    unknown = f"{few[0].modality.title.lower()} (all {len(few)})"
    assert f"nothing more can be told, for: {unknown}." in text


def named(*keys: ModelKey) -> str:
    """Models of one modality, as a sentence has them."""
    return f"{keys[0].modality.title.lower()} ({'; '.join(key.short_title for key in keys)})"


def test_what_goes_for_no_model_is_not_said(study: Models) -> None:
    models = {key: saying(model, model.test.labels * 1.0) for key, model in study.items()}
    good = {key: changed(model, f1=0.8, low=0.75) for key, model in models.items()}
    text = summary_section(good)
    for words in ("no better", "holds 0", "Missed by", "for: none"):
        assert words not in text
    assert (
        "whole interval of the difference, for: mammography (all 6) and ultrasound (all 6)." in text
    )


def test_the_difference_to_that_rule_is_the_one_that_scikit_learn_finds(study: Models) -> None:
    for model in list(study.values())[:4]:
        test, threshold = model.test, model.card.threshold.value
        alone = sk.f1_score(test.labels, test.probabilities >= threshold)
        bar = sk.f1_score(test.labels, np.ones_like(test.labels))
        assert beside_no_skill(model).value == pytest.approx(alone - bar)


def test_modalities_of_few_test_groups_are_named(study: Models) -> None:
    few = {
        f"{key.modality.title.lower()} ({model.card.data.groups['test']})"
        for key, model in study.items()
        if len(set(model.test.groups)) < FEW_GROUPS
    }
    assert 0 < len(few) < 3
    text = summary_section(study)
    assert f"fewer than {FEW_GROUPS} test groups: {' and '.join(sorted(few))}." in text
    enough = {key: model for key, model in study.items() if len(set(model.test.groups)) > 9}
    assert "Do not rely" not in summary_section(enough)


def area(model: Published, value: float) -> Published:
    card = model.card
    test = {**card.metrics["test"], "roc_auc": Estimate(value=value, low=value, high=value)}
    return replace(model, card=replace(card, metrics={**card.metrics, "test": test}))


@pytest.mark.parametrize(
    ("short", "verdict"), [(0.0, "met"), (0.0004, "missed"), (0.001, "missed")]
)
def test_the_aims_for_the_area_are_those_of_the_best_model(
    short: float, verdict: str, study: Models
) -> None:
    last: dict[str, ModelKey] = {key.modality.key: key for key in study}
    models = {
        key: area(model, AUC_AIMS[key.modality.key] - (short if key in last.values() else 0.1))
        for key, model in study.items()
    }
    found = rows(summary_section(models), "Modality")
    for key in last.values():
        told = found[key.modality.title]
        assert told[0] == f"{AUC_AIMS[key.modality.key]:.2f}"
        assert told[2:] == [f"`{key.slug}`", verdict]
        assert (number(told[1]) >= AUC_AIMS[key.modality.key]) is (verdict == "met")
