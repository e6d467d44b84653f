from dataclasses import replace

import pytest

from models.catalogue import model_keys
from models.paired_areas import FEW_GROUPS
from portal.few_groups import few_groups
from tests.fakes import fake_card

CARD = fake_card(model_keys()[0])


@pytest.mark.parametrize(
    ("groups", "group", "words"),
    [
        ({"test": FEW_GROUPS}, "slide", None),
        ({}, "slide", None),  # not stated
        ({"test": FEW_GROUPS - 1}, "tissue microarray", "9 tissue microarrays"),
        ({"test": 2}, "tissue microarray and date", "2 groups (tissue microarray and date)"),
        ({"test": 2}, "near-duplicates", "2 groups of near-duplicates"),
        ({"test": 1}, "patient", "1 group (patient)"),
    ],
)
def test_few_groups_are_put_into_words(
    groups: dict[str, int], group: str, words: str | None
) -> None:
    card = replace(CARD, data=replace(CARD.data, group=group, groups=groups))
    assert few_groups(card) == words
