import re

import pytest

from benchmarks.image_steps import SIDES, STAINS, main
from models.catalogue import MODALITIES


def test_every_step_is_timed_apart_and_the_stains_are_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--rounds", "1"]) == 0
    told = capsys.readouterr().out
    for step in ("decoding, PNG", "RGB to gray", "resize by area, gray", "median filter, gray"):
        assert len(re.findall(rf"\| {step} +\| +\d+\.\d\d \|", told)) == len(SIDES)
    for modality in MODALITIES.values():
        assert f"| all of {modality.title.lower()}" in told
    assert re.search(r"\| equalisation \(CLAHE\) +\| +\d+\.\d\d \|", told)
    assert re.search(rf"{re.escape(STAINS)}, ms \| +at most 10 \|.*\| (not met|    met) \|", told)
