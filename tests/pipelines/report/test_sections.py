"""Operating points, calibration, first weights and limits, as the cards have them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from models.card import Estimate
from pipelines.aims import SENSITIVITY
from pipelines.report import Models, Published, of_modality
from pipelines.report.calibration import calibration_section
from pipelines.report.limits import limits_section
from pipelines.report.operating import operating_section
from pipelines.report.origins import origins_section

ROUNDED = 0.00056  # to four digits in the card, then to three


def number(cell: str) -> float:
    """The number before its interval."""
    return float(cell.split(" ", maxsplit=1)[0])


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def row_of(text: str, name: str) -> list[str]:
    (found,) = (row for row in rows(text) if row[0] == name)
    return found


def test_the_second_point_is_what_it_gives_on_test(mine: Models) -> None:
    text, held = operating_section(mine), 0
    for key, model in mine.items():
        cut, test = model.card.high_sensitivity.threshold.value, model.test
        called, found = test.probabilities >= cut, row_of(text, key.short_title)
        recall = sk.recall_score(test.labels, called)
        held += recall >= SENSITIVITY
        assert found[1] == f"{cut:.2f}"
        assert number(found[3]) == pytest.approx(recall, abs=ROUNDED)
        assert found[4] == ("kept" if recall >= SENSITIVITY else "not kept")
        specificity = sk.recall_score(test.labels, called, pos_label=0)
        assert number(found[5]) == pytest.approx(specificity, abs=ROUNDED)
        assert number(found[6]) == pytest.approx(
            sk.precision_score(test.labels, called), abs=ROUNDED
        )
        assert number(found[7]) == pytest.approx(sk.f1_score(test.labels, called), abs=ROUNDED)
    assert f"kept by {held} of {len(mine)}" in text


def test_a_sensitivity_just_short_of_the_aim_is_not_written_as_the_aim(mine: Models) -> None:
    key, model = next(iter(mine.items()))
    point = model.card.high_sensitivity
    short = {**point.metrics["test"], "recall": Estimate(value=0.8996, low=0.8, high=0.95)}
    other = replace(point, metrics={**point.metrics, "test": short})
    card = replace(model.card, high_sensitivity=other)
    text = operating_section({**mine, key: replace(model, card=card)})
    assert row_of(text, key.short_title)[3:5] == ["0.8996 (0.800-0.950)", "not kept"]


def test_every_rule_of_the_second_point_is_told(mine: Models) -> None:
    key, model = next(iter(mine.items()))
    point = model.card.high_sensitivity
    other = replace(point, threshold=replace(point.threshold, rule="another rule"))
    card = replace(model.card, high_sensitivity=other)
    text = operating_section({**mine, key: replace(model, card=card)})
    assert "another rule" in text
    assert list(mine.values())[1].card.high_sensitivity.threshold.rule in text


def error_of(labels: np.ndarray, said: np.ndarray, counts: tuple[int, ...]) -> float:
    """The expected calibration error over bins of so many images each, of rising probability."""
    order, ends = np.argsort(said, kind="stable"), np.cumsum(counts)[:-1]
    parts = np.split(order, ends)
    return sum(len(p) * abs(said[p].mean() - labels[p].mean()) for p in parts) / len(labels)


def test_calibration_is_what_it_gives_on_test(mine: Models) -> None:
    text = calibration_section(mine)
    for key, model in mine.items():
        found, test, fitted = row_of(text, key.short_title), model.test, model.card.calibration
        z = np.log(test.probabilities / (1 - test.probabilities))
        after = 1 / (1 + np.exp(-(fitted.slope * z + fitted.intercept)))
        for column, said in ((3, test.probabilities), (4, after)):
            brier = sk.brier_score_loss(test.labels, said)
            assert number(found[column]) == pytest.approx(brier, abs=ROUNDED)
        for column, said, bins in (
            (5, test.probabilities, fitted.before),
            (6, after, fitted.after),
        ):
            expected = error_of(test.labels, said, bins.count)
            assert number(found[column]) == pytest.approx(expected, abs=ROUNDED)


def test_it_is_told_for_how_many_models_calibration_helps(mine: Models) -> None:
    def with_brier(model: Published, value: float) -> Published:
        brier = Estimate(value=value, low=0.0, high=1.0)
        fitted = replace(model.card.calibration, brier=brier)
        return replace(model, card=replace(model.card, calibration=fitted))

    one, *others = mine
    models = {one: with_brier(mine[one], 0.9)} | {k: with_brier(mine[k], 0.001) for k in others}
    told = f"The Brier score is smaller after than before for {len(others)} of {len(mine)} models"
    assert told in calibration_section(models)


def test_calibration_errors_of_few_images_are_not_counted(mine: Models) -> None:
    fitted = [model.card.calibration for model in mine.values()]
    nearer = sum(each.after.expected_error < each.before.expected_error for each in fitted)
    text = calibration_section(mine)
    assert f"The calibration error is smaller for {nearer}; it has no interval" in text
    models = {}
    for key, model in mine.items():
        after = replace(
            model.card.calibration.after, count=(9,) * len(model.card.calibration.after.count)
        )
        few = replace(model.card.calibration, after=after)
        models[key] = replace(model, card=replace(model.card, calibration=few))
    text = calibration_section(models)
    assert "Models are not counted by the calibration error: " in text
    assert f"({9 * len(after.count)} in {len(after.count)} bins)" in text
    assert "calibration error is smaller for" not in text


def test_first_weights_time_and_seeds_are_told(study: Models) -> None:
    text = origins_section(study)
    started = {row[0]: row[1:] for row in rows(text)[2:4]}
    for init, (count, slugs) in started.items():
        mine = [key for key, model in study.items() if model.card.training.init == init]
        assert count == f"{len(mine)}"
        assert slugs == ", ".join(f"`{key.slug}`" for key in mine)
    hours = sum(model.card.training.seconds for model in study.values()) / 3600
    assert f"{hours:.1f} hours for the {len(study)} models" in text
    for key, model in study.items():
        (run,) = (row for row in rows(text) if row[0] == f"`{key.slug}`" and len(row) == 8)
        assert run[1:3] == [f"{model.card.training.epochs}", "10"]
        assert run[5:7] == [
            f"`{model.card.training.config_fingerprint}`",
            f"`{model.card.fingerprint}`",
        ]


def test_settings_are_told_once_where_all_models_share_them(study: Models) -> None:
    text = origins_section(study)
    assert "Settings of all models: epochs 4, final_rate_share 0.05, limit none, seed 1." in text
    (head,) = (row for row in rows(text) if "learning_rate" in row)
    assert head == ["Model", "frozen_epochs", "learning_rate"]
    for key, model in study.items():
        (row,) = (row for row in rows(text) if row[0] == f"`{key.slug}`" and len(row) == 3)
        config = model.card.training.config
        assert row[1:] == [f"{config.get('frozen_epochs', 'none')}", f"{config['learning_rate']}"]
    assert "Versions of all models: keras 3.15.1, python 3.11.9." in text


def test_a_setting_that_an_earlier_run_did_not_know_is_the_one_that_was_not_made(
    mine: Models,
) -> None:
    (one, model), *_ = mine.items()
    training = model.card.training
    config = {**training.config, "served_pixels": None, "final_rate_share": 0.05}
    card = replace(model.card, training=replace(training, config=config))
    text = origins_section({**mine, one: replace(model, card=card)})
    assert ", served_pixels none" in text
    assert ", final_rate_share 0.05," in text  # and so were runs from before it could be chosen


def test_every_limit_of_every_card_is_told(study: Models) -> None:
    text = limits_section(study)
    for model in study.values():
        for sentence in model.card.limitations:
            assert sentence in text
    shared = "An image of another kind gets a verdict too; only the check of the input may notice."
    assert text.count(shared) == len({key.modality.key for key in study})


def test_what_became_known_later_stands_beside_the_cards(study: Models) -> None:
    key, model = next(iter(study.items()))
    later = {
        each: replace(study[each], later=("Of all.",)) for each in of_modality(key.modality, study)
    }
    later[key] = replace(model, later=("Of all.", "Of this one."))
    text = limits_section({**study, **later})
    assert text.count("- Of all.") == 1
    (line,) = (line for line in text.splitlines() if line.startswith(f"- `{key.slug}`: "))
    assert line.endswith(" Of this one.")


def test_the_limits_of_every_study_hold_no_number_of_one(study: Models) -> None:
    general, _, _ = limits_section(study).partition("The cards, and what became known")
    assert general.startswith("- One training run stands behind each model.")
    assert not re.search(r"\d", general)
