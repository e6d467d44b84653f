import re

import pytest

from benchmarks.input_pipeline import BOTH, DATA, STEP, main, verdict


@pytest.mark.parametrize(
    ("step", "data", "both", "told"),
    [
        ([40.0], [400.0], [36.0], "90%; at least 90%: met"),
        ([40.0], [400.0], [35.5], "89%; at least 90%: not met"),
        ([400.0], [40.0], [40.0], "100%; at least 90%: met"),
        ([1.0, 40.0, 40.0], [99.0, 100.0, 101.0], [38.0, 40.0, 9.0], "95%; at least 90%: met"),
    ],
)
def test_both_together_are_held_against_the_slower_by_medians(
    step: list[float], data: list[float], both: list[float], told: str
) -> None:
    *rows, last = verdict({STEP: step, DATA: data, BOTH: both}).splitlines()
    assert last == f"together / the slower of the two: {told}"
    assert len(rows) == 3
    assert f"({min(step):.1f}-{max(step):.1f})" in rows[0]


def test_it_measures_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    words = "--backbone vgg --pixels 56 --batch-size 2 --seconds 0.2 --repeats 2 --work /nowhere"
    assert main(words.split()) == 0
    told = capsys.readouterr().out
    assert re.match(r"VGG16, 56 pixels, batches of 2, phantom-ultrasound; Keras 3.* on ", told)
    for name in (STEP, DATA, BOTH):
        assert re.search(rf"  {name} +\d+\.\d \(\d+\.\d-\d+\.\d\)\n", told)
    assert re.search(r"together / the slower of the two: \d+%; at least 90%: (not )?met\n$", told)


def test_an_unknown_data_set_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dataset", "xrays"]) == 2
    assert "received 'xrays'" in capsys.readouterr().err
