from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from benchmarks.soak.command import main


@pytest.mark.slow
def test_a_short_soak_kills_a_worker_and_leaves_nothing(
    installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--minutes", "0.2", "--clients", "4", "--checkpoints", str(installed)]
    status = main(words)
    told, on_the_way = capsys.readouterr()
    assert on_the_way.startswith("0 of 0.2 minutes: ")
    assert "Full load, a worker killed after" in told
    assert beyond(told.splitlines()) == []
    assert status in {0, 1}
    assert not any("portal" in each.cmdline() for each in psutil.Process().children())


def beyond(lines: Sequence[str]) -> list[str]:
    """What was found, but for what only says that the machine is busy or the soak was short."""
    found = [line.removeprefix("Beyond its bound: ") for line in lines if line.startswith("Beyond")]
    return [each for each in found if not each.startswith("/healthz took") and "seen" not in each]


def test_without_a_portal_there_is_nothing_to_soak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--checkpoints", str(tmp_path / "absent"), "--minutes", "0.01"]) == 2
    assert "a server that listens" in capsys.readouterr().err
