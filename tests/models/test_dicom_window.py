"""Windows that show nothing are none."""

import pytest

from models.dicom_window import Window, window_of

NARROW = [
    (0.999, "LINEAR"),
    (0, "LINEAR_EXACT"),
    (-1, "SIGMOID"),
    (float("nan"), "LINEAR"),
    (float("inf"), "SIGMOID"),
]


@pytest.mark.parametrize(("width", "function"), NARROW)
def test_a_window_that_shows_nothing_does_not_exist(width: float, function: str) -> None:
    assert window_of(40, width, function) is None
    with pytest.raises(ValueError, match="shows anything"):
        Window(center=40, width=width, function=function)


@pytest.mark.parametrize(("width", "function"), [(1, "LINEAR"), (0.1, "LINEAR_EXACT")])
def test_one_that_shows_a_step_does(width: float, function: str) -> None:
    assert window_of(40, width, function) == Window(center=40, width=width, function=function)
