import pytest

from models.beside import beside


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.72, "1.7"), (0.96, "0.96"), (1.001, "1.001"), (1.0, "1.0"), (1.0000000001, "1.000000")],
)
def test_a_number_beside_its_limit_is_not_written_as_that(value: float, text: str) -> None:
    assert beside(value, 1.0, 1) == text
