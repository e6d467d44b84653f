from pipelines.datasets.groups import Groups


def test_groups_are_named_by_their_lowest_member() -> None:
    groups = Groups(6)
    groups.join(5, 3)
    groups.join(3, 4)
    groups.join(1, 5)
    assert [groups.find(member) for member in range(6)] == [0, 1, 2, 1, 1, 1]
