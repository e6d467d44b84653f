import pytest

from models.count_words import in_words


@pytest.mark.parametrize(("count", "told"), [(0, "no"), (3, "three"), (10, "ten"), (11, "11")])
def test_small_counts_are_words(count: int, told: str) -> None:
    assert in_words(count) == told
