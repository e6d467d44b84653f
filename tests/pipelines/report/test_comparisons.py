from itertools import combinations

import pytest
from sklearn import metrics as sk

from models.catalogue import STRATEGIES
from models.paired_areas import FEW_GROUPS, delong, delong_by_groups
from pipelines.comparison import Comparison, Difference
from pipelines.report import Models
from pipelines.report import comparisons as c


def area(models: Models, key: c.ModelKey) -> float:
    test = models[key].test
    return float(sk.roc_auc_score(test.labels, test.probabilities))


def f1(models: Models, key: c.ModelKey) -> float:
    test, cut = models[key].test, models[key].card.threshold.value
    return float(sk.f1_score(test.labels, test.probabilities >= cut))


def test_every_pair_is_compared_by_its_areas(mine: Models) -> None:
    found = c.pairs(mine)
    assert [(pair.first, pair.second) for pair in found] == list(combinations(mine, 2))
    for pair in found:
        expected = area(mine, pair.first) - area(mine, pair.second)
        assert pair.found.auc_difference.value == pytest.approx(expected, abs=1e-9)
        one, other = mine[pair.first].test, mine[pair.second].test
        found_p = (
            delong(one.labels, one.probabilities, other.probabilities).p,
            delong_by_groups(one.labels, one.groups, one.probabilities, other.probabilities).p,
        )
        assert pair.found.p_auc == max(found_p) <= pair.p_corrected
        each = [len(set(one.groups[one.labels == label])) for label in (0, 1)]
        assert pair.groups == min(each)


def pair_of(mine: Models, *, p: float, low: float, groups: int) -> c.Pair:
    first, second, *_ = mine
    difference = Difference(value=0.2, low=low, high=0.3)
    found = Comparison(auc_difference=difference, f1_difference=difference, p_auc=p)
    return c.Pair(first=first, second=second, found=found, p_corrected=p, groups=groups)


@pytest.mark.parametrize(
    ("p", "low", "groups", "apart"),
    [
        (0.049, 0.01, FEW_GROUPS, True),
        (0.05, 0.01, FEW_GROUPS, False),
        (0.049, -0.01, FEW_GROUPS, False),
        (0.049, 0.01, FEW_GROUPS - 1, False),
    ],
)
def test_a_pair_is_told_apart_only_when_everything_agrees(
    p: float, low: float, groups: int, apart: bool, mine: Models
) -> None:
    pair = pair_of(mine, p=p, low=low, groups=groups)
    assert pair.told_apart is apart
    row = c.pairs_table([pair]).splitlines()[-1]
    assert row.endswith("| yes |" if apart else "| no |")


def test_the_verdict_names_those_that_the_data_cannot_tell_from_the_best(study: Models) -> None:
    for modality in {key.modality.key for key in study}:
        mine = {key: model for key, model in study.items() if key.modality.key == modality}
        found = c.pairs(mine)
        best = max(mine, key=lambda key: area(mine, key))
        assert c.best(mine) == best
        unlike = [p for p in found if p.told_apart]
        alike = [
            other
            for pair in found
            if best in (pair.first, pair.second) and not pair.told_apart
            for other in (pair.first, pair.second)
            if other != best
        ]
        told = c.verdict(mine, found)
        assert f"Pairs told apart: {len(unlike)} of {len(found)}." in told
        if len(alike) == len(mine) - 1:
            assert f"The data cannot tell {best.short_title} from any other model." in told
        else:
            assert all(key.short_title in told for key in alike)


def test_a_clear_best_is_said_to_be_one(mine: Models) -> None:
    best = c.best(mine)
    found = [
        c.Pair(
            first=best,
            second=other,
            found=pair_of(mine, p=0.0, low=0.1, groups=99).found,
            p_corrected=0.0,
            groups=99,
        )
        for other in mine
        if other != best
    ]
    assert f"The data tell {best.short_title} from every other model." in c.verdict(mine, found)


def test_the_change_of_a_strategy_is_the_difference_of_its_models(mine: Models) -> None:
    base, other = STRATEGIES
    rows = c.changes_table(mine).splitlines()[4:]
    keys = {(key.backbone.title, key.strategy.key): key for key in mine}
    assert len(rows) == len(keys) // 2
    for row in rows:
        title, _, change_f1, change_auc, _ = (cell.strip() for cell in row.strip("|").split("|"))
        first, second = keys[title, base], keys[title, other]
        expected = f1(mine, second) - f1(mine, first), area(mine, second) - area(mine, first)
        for told, value in zip((change_f1, change_auc), expected, strict=True):
            assert float(told.split(" ")[0]) == pytest.approx(value, abs=0.00051)


@pytest.mark.parametrize(
    ("low", "high", "groups", "told"),
    [
        (0.1, 0.3, FEW_GROUPS, "F1 rises and ROC AUC rises"),
        (-0.3, -0.1, FEW_GROUPS, "F1 falls and ROC AUC falls"),
        (-0.1, 0.3, FEW_GROUPS, "no difference shown"),
        (0.1, 0.3, FEW_GROUPS - 1, "no difference shown"),
    ],
)
def test_a_change_is_called_one_only_when_its_interval_says_so(
    low: float, high: float, groups: int, told: str
) -> None:
    difference = Difference(value=(low + high) / 2, low=low, high=high)
    found = Comparison(auc_difference=difference, f1_difference=difference, p_auc=0.5)
    assert c._meaning(found, groups) == told


def test_without_both_strategies_there_is_no_change(mine: Models) -> None:
    base = next(iter(STRATEGIES))
    assert c.changes_table({k: m for k, m in mine.items() if k.strategy.key == base}) == ""
