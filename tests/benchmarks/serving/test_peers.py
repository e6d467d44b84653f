from pathlib import Path

import pytest

from benchmarks.serving import peers
from tests.benchmarks.serving.plans import small_plan


def test_what_is_not_installed_is_known() -> None:
    needs = {"one": ("numpy", "no_such_package"), "two": ("numpy",)}
    assert peers.missing("one", needs) == ("no_such_package",)
    assert peers.missing("two", needs) == ()
    assert peers.missing("another", needs) == ()


@pytest.mark.parametrize("make", [peers.plain, peers.reloading, peers.gradio])
def test_the_others_run_keras_on_tensorflow(make: object, tmp_path: Path) -> None:
    assert make(small_plan(tmp_path)).environment["KERAS_BACKEND"] == "tensorflow"


def test_ours_runs_in_the_chosen_environment_with_a_cache_of_its_own(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, portal_python=Path("/some/python"), precision="bf16")
    peer = peers.ours(plan, tmp_path / "cache")
    assert peer.command == ("/some/python", "-m", "portal")
    assert peer.environment["CACHE_DIR"] == str(tmp_path / "cache")
    assert peer.environment["PRECISION"] == "bf16"
