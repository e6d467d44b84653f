from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics as sk

from models.paired_areas import FEW_GROUPS
from pipelines.aims import LARGEST_TOTAL
from pipelines.comparison import Difference
from pipelines.report import Models, Published
from pipelines.report.compaction import Cost, _about_cost, compaction_section, cost


def rows(text: str) -> dict[str, list[str]]:
    """The rows of the table by their first cell."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells}


def best_cuts(labels: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """Every threshold of 0.01 ... 0.99 with the best F1."""
    cuts = [percent / 100 for percent in range(1, 100)]
    scores = [sk.f1_score(labels, probabilities >= cut) for cut in cuts]
    return [cut for cut, f1 in zip(cuts, scores, strict=True) if f1 > max(scores) - 1e-9]


def with_dense(model: Published, shift: float | None) -> Published:
    """The same model whose dense network said the same, or something else, or nothing."""
    found = {
        part: replace(
            one, dense=None if shift is None else np.abs(one.probabilities - shift * one.labels)
        )
        for part, one in model.predictions.items()
    }
    return replace(model, predictions=found)


def test_the_cost_is_what_scikit_learn_finds(study: Models) -> None:
    for model in study.values():
        found, test = cost(model), model.test
        validation = model.predictions["validation"]
        assert found
        assert test.dense is not None
        assert validation.dense is not None
        assert found.dense_f1 == pytest.approx(model.card.training.dense_f1, abs=5.1e-5)
        assert found.dense_area == pytest.approx(sk.roc_auc_score(test.labels, test.dense))
        shipped = sk.f1_score(test.labels, test.probabilities >= model.card.threshold.value)
        assert found.f1.value == pytest.approx(found.dense_f1 - shipped)
        cuts = best_cuts(validation.labels, validation.dense)
        possible = {round(sk.f1_score(test.labels, test.dense >= cut), 9) for cut in cuts}
        assert round(found.dense_f1, 9) in possible
        each = [len(set(test.groups[test.labels == label])) for label in (0, 1)]
        assert found.groups == min(each)


def test_the_same_network_costs_nothing(study: Models) -> None:
    models = {key: with_dense(model, 0.0) for key, model in study.items()}
    text = compaction_section(models)
    assert {row[4] for row in rows(text).values()} == {"+0.0 (no draw differs)"}
    assert "cost at most 0.0 points of F1" in text
    assert "at most 1 was the aim: met." in text
    assert "the interval of the cost lies above 0 for: none." in text


def test_a_table_has_both_networks_and_the_size(study: Models) -> None:
    found = rows(compaction_section(study))
    assert list(found) == [f"`{key.slug}`" for key in study]
    for key, model in study.items():
        told, test, card = found[f"`{key.slug}`"], model.test, model.card
        assert float(told[0]) == pytest.approx(card.training.dense_f1, abs=0.00056)
        assert told[1] == f"{card.metrics['test']['f1'].value:.3f}"
        assert float(told[2]) == pytest.approx(sk.roc_auc_score(test.labels, test.dense), abs=6e-4)
        assert told[3] == f"{card.metrics['test']['roc_auc'].value:.3f}"
        lost = 100 * (card.training.dense_f1 - card.metrics["test"]["f1"].value)
        assert float(told[4].split(" ")[0]) == pytest.approx(lost, abs=0.07)
        assert told[5] == f"{model.size / 1e6:.1f}"


def test_those_that_cost_too_much_are_named(study: Models) -> None:
    text = compaction_section(study)
    dear = [
        f"`{key.slug}`"
        for key, model in study.items()
        if model.card.training.dense_f1 - model.card.metrics["test"]["f1"].value > 0.01
    ]
    assert len(dear) > 1
    assert f"the aim: missed by {', '.join(dear[:-1])} and {dear[-1]}." in text


@pytest.mark.parametrize(
    ("value", "low", "groups", "too_high", "sure"),
    [
        (0.01, 0.001, FEW_GROUPS, False, True),
        (0.0101, 0.001, FEW_GROUPS, True, True),
        (0.0101, 0.001, FEW_GROUPS - 1, True, False),
        (0.05, 0.0, FEW_GROUPS, True, False),
        (-0.05, -0.1, FEW_GROUPS, False, False),
    ],
)
def test_a_cost_is_sure_only_when_its_interval_says_so(
    value: float, low: float, groups: int, too_high: bool, sure: bool
) -> None:
    difference = Difference(value=value, low=low, high=0.1)
    found = Cost(dense_f1=0.8, dense_area=0.9, f1=difference, groups=groups, own_threshold=True)
    assert (found.too_high, found.sure) == (too_high, sure)


@pytest.mark.parametrize(
    ("value", "told", "verdict"),
    [
        (0.0104, "1.04", "missed"),
        (0.01004, "1.004", "missed"),
        (0.86 - 0.85, "1.0", "met"),
        (0.0096, "0.96", "met"),
    ],
)
def test_a_cost_near_the_aim_is_written_on_its_side(
    value: float, told: str, verdict: str, study: Models
) -> None:
    difference = Difference(value=value, low=0.001, high=0.1)
    found = Cost(dense_f1=0.8, dense_area=0.9, f1=difference, groups=9, own_threshold=True)
    words = _about_cost({next(iter(study)): found})
    assert f"cost at most {told} points of F1 (a point is 0.01); at most 1 was the aim" in words
    assert f"the aim: {verdict}" in words


def test_a_cost_that_is_not_known_is_not_made_up(study: Models) -> None:
    models = {key: with_dense(model, None) for key, model in study.items()}
    assert compaction_section(models).endswith("What making them small cost was not recorded.")
    one = next(iter(study))
    text = compaction_section({**study, one: models[one]})
    assert f"What it cost was not recorded for `{one.slug}`." in text
    assert "not recorded" not in compaction_section(study)
    row = rows(text)[f"`{one.slug}`"]
    assert [row[0], row[2], row[4]] == ["not recorded"] * 3


def without_dense(model: Published, part: str) -> Published:
    """The same model, of which it is not known what it gave on a part before compaction."""
    blind = replace(model.predictions[part], dense=None)
    return replace(model, predictions={**model.predictions, part: blind})


def test_a_dense_network_without_test_answers_is_none(study: Models) -> None:
    assert cost(without_dense(next(iter(study.values())), "test")) is None


def test_a_dense_network_without_validation_answers_decides_as_the_shipped_one(
    study: Models,
) -> None:
    key, model = next(iter(study.items()))
    blind = without_dense(model, "validation")
    found, test = cost(blind), model.test
    assert found is not None
    assert test.dense is not None
    called = test.dense >= model.card.threshold.value
    assert found.dense_f1 == pytest.approx(sk.f1_score(test.labels, called))
    words = f"not recorded: `{key.slug}`."
    assert words in compaction_section({**study, key: blind})
    assert words not in compaction_section(study)


@pytest.mark.parametrize(
    ("more", "taken", "verdict"), [(0, "79.99999", "met"), (1, "80.00001", "missed")]
)
def test_the_size_of_all_files_is_held_against_the_aim(
    more: int, taken: str, verdict: str, study: Models
) -> None:
    each = LARGEST_TOTAL // len(study) + more
    text = compaction_section({key: replace(model, size=each) for key, model in study.items()})
    assert f"take {taken} MB together; at most 80 MB was the aim: {verdict}." in text


@pytest.mark.parametrize("early", [0, 1, 2])
def test_networks_that_learnt_with_their_zeros_are_named(early: int, study: Models) -> None:
    models = {}
    for number, (key, model) in enumerate(list(study.items())[:2]):
        settings = {"sparsity": 0.8, "compaction_epochs": 0 if number < early else 3}
        config = {**model.card.training.config, **settings}
        training = replace(model.card.training, config=config, init="trunks/vgg.h5, SHA-256 0123")
        models[key] = replace(model, card=replace(model.card, training=training))
    told = compaction_section(models)
    assert ("from the first step" in told) == (early > 0)
    assert ("All learnt with" in told) == (early == 2)
    first, second = (f"`{key.slug}`" for key in models)
    assert (f"{first} learnt with" in told) == (early == 1)
    assert f"{second} learnt with" not in told


@pytest.mark.parametrize("init", ["imagenet", "random"])
def test_first_weights_without_zeros_are_not_called_so(init: str, study: Models) -> None:
    (key, model), *_ = study.items()
    config = {**model.card.training.config, "sparsity": 0.8, "compaction_epochs": 0}
    training = replace(model.card.training, config=config, init=init)
    told = compaction_section({key: replace(model, card=replace(model.card, training=training))})
    assert "from the first step" not in told
