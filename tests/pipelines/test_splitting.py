from pathlib import Path

import numpy as np
import pytest

from pipelines import splitting
from pipelines.errors import LeakingSplit, SplitImpossible
from pipelines.splitting import PARTS, Assigned, refuse_leaks, to_csv

SHARES = {"train": 0.70, "validation": 0.15, "test": 0.15}


def images(count: int, *, per_group: int, seed: int = 0) -> tuple[list[str], list[int], list[str]]:
    """Names, labels and groups; about a quarter of the groups is positive."""
    random = np.random.default_rng(seed)
    groups = [f"patient {random.integers(count // per_group):04d}" for _ in range(count)]
    positive = {group for group in sorted(set(groups)) if random.random() < 0.25}
    return [f"{i}.png" for i in range(count)], [int(g in positive) for g in groups], groups


def deal(
    names: list[str],
    labels: list[int],
    groups: list[str],
    *,
    seed: int = 20,
    validation: float = 0.15,
    test: float = 0.15,
) -> tuple[Assigned, ...]:
    return splitting.split(
        names, labels, groups, validation_share=validation, test_share=test, seed=seed
    )


@pytest.mark.parametrize("per_group", [1, 3, 10])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_parts_have_their_shares_of_images_groups_and_classes(
    per_group: int, seed: int
) -> None:
    names, labels, groups = images(800, per_group=per_group, seed=seed)
    rows = deal(names, labels, groups, seed=seed)
    assert [row.image for row in rows] == names
    assert [row.label for row in rows] == labels
    assert [row.group for row in rows] == groups
    for part, share in SHARES.items():
        mine = [row for row in rows if row.part == part]
        assert len({row.group for row in mine}) / len(set(groups)) == pytest.approx(share, abs=0.02)
        for label in (0, 1):
            found = sum(row.label == label for row in mine) / labels.count(label)
            assert found == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("seed", range(4))
def test_no_group_lies_on_two_sides(seed: int) -> None:
    rows = deal(*images(120, per_group=4, seed=seed), seed=seed)
    for group in {row.group for row in rows}:
        assert len({row.part for row in rows if row.group == group}) == 1
    refuse_leaks(rows)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    set_of_images = images(200, per_group=2)
    first = to_csv(deal(*set_of_images, seed=7))
    assert to_csv(deal(*set_of_images, seed=7)) == first
    assert to_csv(deal(*set_of_images, seed=8)) != first


def test_other_shares_are_kept_too() -> None:
    rows = deal(*images(400, per_group=1), validation=0.1, test=0.3)
    assert sum(row.part == "test" for row in rows) / 400 == pytest.approx(0.3, abs=0.02)
    assert sum(row.part == "validation" for row in rows) / 400 == pytest.approx(0.1, abs=0.02)


def test_every_part_has_both_classes_where_that_is_just_possible() -> None:
    names = [str(i) for i in range(6)]
    rows = deal(names, [0, 1] * 3, ["a", "a", "b", "b", "c", "c"])
    assert {(row.part, row.label) for row in rows} == {(p, c) for p in PARTS for c in (0, 1)}


@pytest.mark.parametrize(
    ("labels", "groups", "shares"),
    [
        ([0, 1], ["a", "b"], (0.15, 0.15)),
        ([0, 1, 0, 1], ["a", "a", "b", "b"], (0.15, 0.15)),
        ([0, 1, 0, 1], list("abcd"), (0.15, 0.15)),
        ([0] * 10, list("abcdefghij"), (0.15, 0.15)),
        ([0] * 9 + [1], list("abcdefghij"), (0.15, 0.15)),
        ([0, 1] * 3, list("aabbcc"), (0.05, 0.70)),
        ([0, 1] * 3, list("aabbcc"), (0.20, 0.50)),
    ],
    ids=["2", "2 groups", "4 groups", "one class", "one positive", "no train", "no validation"],
)
def test_too_few_groups_are_refused(
    labels: list[int], groups: list[str], shares: tuple[float, float]
) -> None:
    names = [str(i) for i in range(len(labels))]
    with pytest.raises(SplitImpossible, match=r"cannot be split.*Add images of more groups"):
        deal(names, labels, groups, validation=shares[0], test=shares[1])


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ((0.15, 0.001), r"10 groups, of which a test_share of 0\.001 cannot"),
        ((0.001, 0.3), r"7 groups, of which a validation_share of 0\.001 cannot"),
    ],
    ids=["test", "validation"],
)
def test_a_share_that_holds_no_group_of_each_class_is_named(
    shares: tuple[float, float], told: str
) -> None:
    names, labels, groups = images(40, per_group=4)
    with pytest.raises(SplitImpossible, match=told):
        deal(names, labels, groups, validation=shares[0], test=shares[1])


def row(image: str, group: str, part: str) -> Assigned:
    return Assigned(image=image, label=0, group=group, part=part)


LEAK = (row("a", "ann", "train"), row("b", "bea", "test"), row("c", "ann", "test"))


def test_a_group_on_two_sides_is_refused_by_name() -> None:
    with pytest.raises(LeakingSplit, match="group ann in one part; received in train and test"):
        refuse_leaks(LEAK)


def test_a_file_with_a_group_on_two_sides_is_refused(tmp_path: Path) -> None:
    splitting.write(tmp_path / "split.csv", LEAK)
    with pytest.raises(LeakingSplit, match="group ann"):
        splitting.read(tmp_path / "split.csv")


def test_a_split_survives_its_file_whatever_the_names(tmp_path: Path) -> None:
    rows = (
        row('a "quoted", name.png', "g,1", "train"),
        row("Größe (1).png", "Ä", "validation"),
        row("z", "z", "test"),
    )
    path = tmp_path / "made" / "on the way" / "split.csv"
    splitting.write(path, rows)
    assert set(splitting.read(path)) == set(rows)
    assert [item.name for item in path.parent.iterdir()] == ["split.csv"]


def test_the_file_does_not_depend_on_the_order_of_reading() -> None:
    rows = deal(*images(50, per_group=1))
    assert to_csv(rows[::-1]) == to_csv(rows)
    assert to_csv(rows).startswith("image,label,group,part\n0.png,")
