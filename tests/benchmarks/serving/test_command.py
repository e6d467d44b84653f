"""The command as a whole, on small models; what is compared with is there or told to be missing."""

from pathlib import Path

import pytest

from benchmarks.serving import peers
from benchmarks.serving.command import PARTS, main
from benchmarks.serving.options import QUICK, parse
from models import precision
from models.catalogue import model_keys
from pipelines.precisions import measure
from tests.fakes import write_checkpoints
from tests.networks import images

ALL = tuple(PARTS)


def test_only_a_run_of_all_parts_and_rounds_is_whole() -> None:
    assert parse([], ALL).whole
    assert parse(["--parts", *reversed(ALL)], ALL).whole
    assert not parse(["--parts", "size"], ALL).whole
    assert not parse(["--quick"], ALL).whole
    assert vars(parse(["--quick"], ALL)).items() >= QUICK.items()


def test_a_part_that_cannot_be_measured_says_why_and_holds_up_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "RESULTS.md"
    words = f"--quick --parts memory size --checkpoints {tmp_path} --output {output}"
    assert main(words.split()) == 2
    told = capsys.readouterr()
    assert "## Not measured: memory" in told.out
    assert "An upload got no verdict" in told.out
    assert "## Installed size" in told.out
    assert "is left as it is" in told.err
    assert not output.exists()


@pytest.mark.slow
def test_every_part_runs_and_nothing_is_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints = write_checkpoints(tmp_path)
    for key in model_keys():
        path = checkpoints / key.checkpoint
        precision.write(path, measure(path, images(2), images(1, first=2), images(2, first=2)))
    assert main(["--quick", "--checkpoints", str(checkpoints)]) == 0
    told = capsys.readouterr().out
    titles = (
        "Machine",
        "The same answers",
        "One upload to one verdict",
        "One upload to 3 verdicts",
    )
    titles += ("Verdicts per second", "From start to first verdict", "Memory", "Installed size")
    titles += ("The same answers: ours at bf16", "The same answers: ours at int8", "Memory, int8")
    for title in (*titles, "Image steps", "What was to be reached"):
        assert f"\n## {title}" in told
    for name in peers.NEEDS:
        assert f"| {name}" in told
    assert "Not measured" not in told
